/// Several servers' elections that talk without delay, written down line by line.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "test/unit/election/one_server.hpp"

namespace troupe::election::test {

/// The lines of a text, without what they are indented by.
inline lines said(const std::string& text) {
  lines found;
  std::istringstream in{text};
  for (std::string line; std::getline(in >> std::ws, line);)
    found.push_back(line);
  return found;
}

/// Servers 1 to n, all voters, not linked at first. Each message is delivered in the order sent
/// and noted when it arrives; so is what is elected.
class conversation {
public:
  explicit conversation(std::uint32_t n) {
    for (std::uint32_t id = 1; id <= n; ++id) {
      auto& core = cores_.emplace(id, fast_election{{id}}).first->second;
      core.set_members(voters(n), now_);
    }
  }

  /// All that is said until everybody is silent again; at most 100 lines, because
  /// whoever answers answers never stops.
  lines take() {
    collect();
    while (!letters_.empty() && notes_.size() < 100) {
      const auto [from, to, content] = letters_.front();
      letters_.pop_front();
      if (!links_.contains(std::minmax(from, to))) continue;
      notes_.push_back(std::to_string(from) + " to " + std::to_string(to) + ": " +
                       to_string(content));
      at(to).receive({from}, content, now_);
      collect();
    }
    return std::exchange(notes_, {});
  }
  void link(std::uint32_t a, std::uint32_t b) {
    links_.insert(std::minmax(a, b));
    at(a).link_up({b});
    at(b).link_up({a});
  }
  void cut(std::uint32_t a, std::uint32_t b) {
    links_.erase(std::minmax(a, b));
    at(a).link_down({b}, now_);
    at(b).link_down({a}, now_);
  }
  /// From here on the server only exists as links that are cut.
  void kill(std::uint32_t id) {
    for (const auto& [other, core] : cores_)
      if (links_.contains(std::minmax(id, other))) cut(id, other);
    at(id).settle({id}, 0);
    static_cast<void>(at(id).take_effects());
  }
  void link_all() {
    for (const auto& [a, one] : cores_)
      for (const auto& [b, other] : cores_)
        if (a < b && !links_.contains({a, b})) link(a, b);
  }
  void look(std::uint32_t id, candidacy own = {1, {5}}) { at(id).look(own, now_); }
  void settle(std::uint32_t id, std::uint32_t leader, std::uint32_t epoch) {
    at(id).settle({leader}, epoch);
  }
  /// Time goes on; everybody is woken who wants to be.
  void pass(nanoseconds by) {
    now_ = now_ + by;
    for (auto& [id, core] : cores_)
      if (core.next_wake() && *core.next_wake() <= now_) core.wake(now_);
  }

private:
  fast_election& at(std::uint32_t id) { return cores_.at(id); }
  void collect() {
    for (auto& [id, core] : cores_) {
      const auto wanted = core.take_effects();
      for (const auto& [to, content] : wanted.sends)
        letters_.push_back({id, to.value, content});
      if (wanted.elected)
        notes_.push_back(std::to_string(id) + " elects " +
                         std::to_string(wanted.elected->leader.value) + " in round " +
                         std::to_string(wanted.elected->round));
    }
  }

  struct letter {
    std::uint32_t from, to;
    notification content;
  };
  monotonic_time now_{1s};
  std::map<std::uint32_t, fast_election> cores_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> links_;
  std::deque<letter> letters_;
  lines notes_;
};

}  // namespace troupe::election::test
