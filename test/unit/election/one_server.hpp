/// One server's election, told things line by line; what it does comes back as words.
#pragma once

#include <string>
#include <vector>

#include "actors/election/core/fast_election.hpp"

namespace troupe::election::test {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

/// "3@1.5": for server 3 with epoch 1 and the epoch's 5th transaction.
inline std::string to_string(const vote& v) {
  return std::to_string(v.leader.value) + "@" + std::to_string(v.epoch) + "." +
         std::to_string(v.last.value);
}

/// "looks 2 for 3@1.5": in round 2.
inline std::string to_string(const notification& n) {
  if (n.stance == stance::settled)
    return "has leader " + std::to_string(n.choice.leader.value) + " of epoch " +
           std::to_string(n.choice.epoch);
  return std::string{n.blank ? "blank, " : ""} +
         (n.stance == stance::looking ? "looks " : "decided ") + std::to_string(n.round) + " for " +
         to_string(n.choice);
}

inline vote for_(std::uint32_t leader, std::uint32_t epoch = 1, std::uint64_t last = 5) {
  return {epoch, {last}, {leader}};
}
inline notification looking(std::uint64_t round, vote choice) {
  return {stance::looking, false, false, round, choice};
}
inline notification decided(std::uint64_t round, vote choice) {
  return {stance::decided, false, false, round, choice};
}
inline notification blank(std::uint64_t round, vote choice = {}) {
  return {stance::looking, true, false, round, choice, true};
}
/// Of one with identity that has nothing.
inline notification empty(std::uint64_t round, vote choice) {
  return {stance::looking, false, false, round, choice, true};
}
inline notification founder(std::uint64_t round, vote choice) {
  return {stance::looking, false, true, round, choice};
}
inline notification settled(std::uint32_t leader, std::uint32_t epoch, std::uint64_t round = 1) {
  return {stance::settled, false, false, round, {epoch, {}, {leader}}};
}

inline quorum_system voters(std::uint32_t n) {
  std::vector<server_id> all;
  for (std::uint32_t i = 1; i <= n; ++i)
    all.push_back({i});
  return quorum_system::majority(all);
}

/// Server `self` of `n` voters, with links to all others of them.
template <class Core = fast_election>
struct one_server {
  explicit one_server(std::uint32_t self, std::uint32_t n, pace how = {}) : core({self}, how) {
    core.set_members(voters(n), now);
    for (std::uint32_t peer = 1; peer <= n; ++peer)
      core.link_up({peer});
  }

  /// All that it wants done since the last call, one line each.
  lines take() {
    lines said;
    const auto effects = core.take_effects();
    for (const auto& [peer, n] : effects.sends)
      said.push_back("to " + std::to_string(peer.value) + ": " + to_string(n));
    if (effects.elected) {
      decided = effects.elected;
      said.push_back("elected " + std::to_string(decided->leader.value) + " in round " +
                     std::to_string(decided->round));
    }
    return said;
  }
  lines look(candidacy own = {1, {5}}) {
    core.look(own, now);
    return take();
  }
  lines hear(std::uint32_t from, const notification& n) {
    core.receive({from}, n, now);
    return take();
  }
  lines link_down(std::uint32_t peer) {
    core.link_down({peer}, now);
    return take();
  }
  lines link_up(std::uint32_t peer) {
    core.link_up({peer});
    return take();
  }
  lines settle(std::uint32_t leader, std::uint32_t epoch) {
    core.settle({leader}, epoch);
    return take();
  }
  /// Time goes on; the core is woken whenever it wants to be.
  lines pass(nanoseconds by) {
    lines said;
    const auto end = now + by;
    while (core.next_wake() && *core.next_wake() <= end) {
      now = *core.next_wake();
      core.wake(now);
      for (auto& line : take())
        said.push_back(std::move(line));
    }
    now = end;
    return said;
  }

  monotonic_time now{1s};
  Core core;
  std::optional<decision> decided;
};

}  // namespace troupe::election::test
