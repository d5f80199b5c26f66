#include "core/wait_graph.hpp"

#include <algorithm>

namespace locks {

/// A walk along the waits, until it comes back to where it began.
struct wait_graph::search {
  const wait_graph& graph;
  std::string start;
  std::set<std::string> seen;
  std::vector<edge> trail;

  /// Longer rings are not noticed: nobody is to make the walk use up the stack or the time of those
  /// who wait for locks that have nothing to do with it.
  static constexpr std::size_t longest_ring = 1000;

  bool walk(const std::string& who) {
    if (trail.size() >= longest_ring) return false;
    for (auto& step : graph.from(who)) {
      const bool home = step.to == start;
      if (!home && !seen.insert(step.to).second) continue;
      const auto next = step.to;
      trail.push_back(std::move(step));
      if (home || walk(next)) return true;
      trail.pop_back();
    }
    return false;
  }
};

void wait_graph::waits(call_number call, const party& who, const std::string& path,
                       const std::string& node) {
  auto& one = calls_[call];
  one.who = party_digits(who);
  one.nodes[path] = node;
  by_party_[one.who].insert(call);
  by_path_[path].insert(call);
}

void wait_graph::got(call_number call, const std::string& path) {
  const auto found = calls_.find(call);
  if (found == calls_.end() || found->second.nodes.erase(path) == 0) return;
  auto& others = by_path_[path];
  others.erase(call);
  if (!others.empty()) return;
  by_path_.erase(path);
  holders_.erase(path);
}

void wait_graph::forget(call_number call) {
  const auto found = calls_.find(call);
  if (found == calls_.end()) return;
  while (!found->second.nodes.empty()) {
    const auto path = found->second.nodes.begin()->first;
    got(call, path);
  }
  auto& own = by_party_[found->second.who];
  own.erase(call);
  if (own.empty()) by_party_.erase(found->second.who);
  calls_.erase(found);
}

/// Of clients of other makes only the session is known.
std::string wait_graph::party_of(dialect how, const holder& one) {
  const auto name = parse_claim(how, one.name);
  return name && is_native(name->id) ? name->id.substr(0, 16) : to_string(one.session);
}

void wait_graph::holds(const std::string& path, dialect how, const std::vector<holder>& holders) {
  if (!by_path_.contains(path)) return;
  auto& known = holders_[path];
  known.clear();
  for (const auto& one : holders)
    known.push_back({party_of(how, one), one.name});
}

std::vector<wait_graph::edge> wait_graph::from(const std::string& who) const {
  std::vector<edge> edges;
  const auto own = by_party_.find(who);
  if (own == by_party_.end()) return edges;
  for (const auto call : own->second) {
    for (const auto& [path, node] : calls_.at(call).nodes) {
      const auto known = holders_.find(path);
      if (known == holders_.end()) continue;
      for (const auto& one : known->second)
        if (one.node != node) edges.push_back({call, {path, node, one.node}, one.who});
    }
  }
  return edges;
}

std::optional<wait_graph::cycle> wait_graph::find(const std::string& path) const {
  const auto known = holders_.find(path);
  if (known == holders_.end()) return std::nullopt;
  for (const auto& one : known->second) {
    // Only a party that waits itself can be part of a ring.
    if (!by_party_.contains(one.who)) continue;
    search walk{*this, one.who, {}, {}};
    if (!walk.walk(one.who)) continue;
    cycle ring;
    for (auto& step : walk.trail) {
      ring.youngest = std::max(ring.youngest, step.call);
      if (!ring.text.empty()) ring.text += ", ";
      ring.text += step.why.waiter + " waits for " + step.why.holder + " (" + step.why.path + ")";
      ring.edges.push_back(std::move(step.why));
    }
    return ring;
  }
  return std::nullopt;
}

}  // namespace locks
