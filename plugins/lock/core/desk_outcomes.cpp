// What the desk makes of changes and of the outcomes of decisions.
#include <algorithm>
#include <utility>

#include <troupe/base/znode_path.hpp>

#include "core/desk.hpp"

namespace locks {

void desk::changed(const std::string& path, bool deleted, troupe::zxid at) {
  auto lock = locks_.find(path);  // the number of permits is the semaphore's own content
  if (lock == locks_.end() || !lock->second.is_semaphore) {
    const std::string parent{troupe::parent_path(path)};
    const auto folder = folders_.find(parent);
    lock = locks_.find(folder == folders_.end() ? parent : folder->second);
  }
  if (lock == locks_.end()) return;
  if (!deleted && !lock->second.is_semaphore) return;
  const auto key = lock->first;
  lock->second.changed = at;
  if (expected_.contains(key)) {
    if (deleted) lock->second.deletions.push_back({path, at});
    return;
  }
  if (deleted) lose(path);
  look(key);
}

void desk::decided(std::uint64_t number, desk_outcome what, troupe::zxid as_of) {
  const auto found = tickets_.find(number);
  if (found == tickets_.end()) return;
  const auto about = std::move(found->second);
  tickets_.erase(found);
  for (const auto& path : about.paths)
    end_expectation(path);
  std::visit([&](auto& one) { take(about, std::move(one), as_of); }, what);
  for (const auto& path : about.paths)
    settle(path, as_of);
}

void desk::failed(std::uint64_t number, refusal why) { decided(number, std::move(why), {}); }

void desk::expect(const std::string& path) { ++expected_[path]; }

void desk::learned(const lock_state& state, troupe::zxid as_of) {
  end_expectation(state.path);
  apply(state, as_of);
  settle(state.path, as_of);
}

void desk::not_learned(const std::string& path) {
  end_expectation(path);
  settle(path, {});
}

void desk::moved(const std::string& replaced, const taken& given) {
  const auto found = by_node_.find(below(given.path, replaced));
  if (found == by_node_.end()) return;
  for (const auto number : std::set<call_number>{found->second}) {
    auto& one = calls_.at(number);
    for (auto& lock : one.locks)
      if (lock.path == given.path) lock = given;
    graph_.got(number, given.path);
    by_node_[below(given.path, given.name)].insert(number);
    if (!one.unwanted && all_held(one.locks)) finish(number, one.locks);
  }
  by_node_.erase(below(given.path, replaced));
}

// ---------------------------------------------------------------- outcomes

void desk::take(const ticket& about, refusal why, troupe::zxid) {
  const auto found = calls_.find(about.call);
  if (found == calls_.end()) return;
  auto& one = found->second;
  if (one.stage == stage::asking) return finish(about.call, std::move(why));
  if (one.stage == stage::ending) return finish(about.call, one.why);
  end(about.call, std::move(why), true);
}

void desk::take(const ticket& about, std::vector<taken> locks, troupe::zxid) {
  const auto found = calls_.find(about.call);
  if (found == calls_.end()) return;
  auto& one = found->second;
  one.locks = std::move(locks);
  if (one.forgotten && !one.over) return drop(about.call);
  if (all_held(one.locks) && !one.unwanted) return finish(about.call, one.locks);
  begin_waiting(about.call);
}

void desk::take(const ticket& about, permits_taken permits, troupe::zxid) {
  const bool looked = !about.paths.empty();
  if (looked && permits.held)  // there may be enough for the next one too
    if (const auto lock = locks_.find(about.paths.front()); lock != locks_.end())
      lock->second.look_again = true;
  const auto found = calls_.find(about.call);
  if (found == calls_.end()) return;
  auto& one = found->second;
  if (permits.held && !one.unwanted && !(one.forgotten && !one.over))
    return finish(about.call, std::move(permits));
  if (looked) return;  // it waits on, or its end is under way
  if (one.stage == stage::ending) {
    if (permits.held) return begin_ending(about.call);
    return finish(about.call, one.why);
  }
  if (one.forgotten && !one.over) return drop(about.call);
  one.queued = permits.queued;
  begin_waiting(about.call);
}

void desk::take(const ticket& about, withdraw_done done, troupe::zxid as_of) {
  const auto found = calls_.find(about.call);
  if (found != calls_.end()) {
    auto& one = found->second;
    if (done.withdrawn) {
      finish(about.call, one.why);
    } else if (!done.held) {  // the ring is none any more
      one.stage = stage::waiting;
      const auto ring = std::exchange(one.ring, {});
      if (one.over)
        begin_ending(about.call);
      else if (one.forgotten)
        drop(about.call);
      for (const auto& edge : ring)
        look(edge.path);
    } else if (one.unwanted) {
      begin_ending(about.call);
    } else {
      finish(about.call, std::move(done.locks));
    }
  }
  for (const auto& state : done.after)
    apply(state, as_of);
}

void desk::take(const ticket&, lock_state state, troupe::zxid as_of) { apply(state, as_of); }

/// The call has its nodes, and not yet all that it asked for.
void desk::begin_waiting(call_number number) {
  auto& one = calls_.at(number);
  one.stage = stage::waiting;
  for (const auto& node : nodes_of(one))
    by_node_[node].insert(number);
  if (const auto* permits = std::get_if<permits_ask>(&one.ask)) {
    auto& lock = locks_[permits->path];
    lock.is_semaphore = true;
    lock.calls.insert(number);
    const auto where = layout_of(rules_.how, permits->path);
    folders_[where.queue] = folders_[where.leases] = permits->path;
  }
  for (const auto& lock : one.locks) {
    locks_[lock.path].calls.insert(number);
    if (lock.held) continue;
    graph_.waits(number, std::get<acquire_ask>(one.ask).who, lock.path, lock.name);
    graph_.holds(lock.path, rules_.how, lock.holders);
  }
  if (one.over) return end(number, one.why, one.unwanted);
  const auto locks = one.locks;
  for (const auto& lock : locks)
    if (!lock.held) break_ring(lock.path);
}

// ----------------------------------------------------------------- turns

void desk::apply(const lock_state& state, troupe::zxid as_of) {
  for (const auto& one : state.holders) {
    const auto found = by_node_.find(below(state.path, one.name));
    if (found == by_node_.end()) continue;
    for (const auto number : std::set<call_number>{found->second})
      turn_of(number, state.path, one);
  }
  graph_.holds(state.path, rules_.how, state.holders);
  explain(state.path, as_of);
  break_ring(state.path);
}

/// Of the deletions which decisions under way might have made, those that they did not make.
void desk::explain(const std::string& path, troupe::zxid as_of) {
  const auto lock = locks_.find(path);
  if (lock == locks_.end()) return;
  const bool all = !expected_.contains(path);
  auto& later = lock->second.deletions;
  const auto due = std::stable_partition(later.begin(), later.end(),
                                         [&](const auto& one) { return !all && one.at > as_of; });
  const std::vector<deletion> gone{due, later.end()};
  later.erase(due, later.end());
  for (const auto& one : gone)
    lose(one.node);
}

void desk::turn_of(call_number number, const std::string& path, const holder& as) {
  auto& one = calls_.at(number);
  for (auto& lock : one.locks) {
    if (lock.path != path) continue;
    lock.held = true;
    lock.token = as.token;
    lock.holders.clear();
  }
  graph_.got(number, path);
  if (all_held(one.locks) && !one.unwanted) finish(number, one.locks);
}

/// A node with which somebody waits is gone, and it was not we who deleted it.
void desk::lose(const std::string& node) {
  const auto found = by_node_.find(node);
  if (found == by_node_.end()) return;
  const refusal why{refusal_kind::session_lost, node + " was deleted: its session has ended, or "
                                                       "somebody took the place in the line away"};
  for (const auto number : std::set<call_number>{found->second}) {
    auto& one = calls_.at(number);
    if (one.stage != stage::waiting) continue;
    // The rest of what it had must not stay behind.
    if (one.locks.size() > 1)
      end(number, why, true);
    else
      finish(number, why);
  }
}

/// Asks who has the lock if it has changed since it was last told.
void desk::settle(const std::string& path, troupe::zxid as_of) {
  explain(path, as_of);
  const auto lock = locks_.find(path);
  if (lock == locks_.end() || expected_.contains(path)) return;
  if (std::exchange(lock->second.look_again, false) || lock->second.changed > as_of)
    return look(path);
  lock->second.changed = {};
}

void desk::look(const std::string& path) {
  const auto lock = locks_.find(path);
  if (lock == locks_.end() || expected_.contains(path)) return;
  if (!lock->second.is_semaphore) return ask({0, {path}}, look_ask{path});
  // Only who is first in the line may take permits.
  const call* first = nullptr;
  call_number number = 0;
  std::int32_t place = 0;
  for (const auto candidate : lock->second.calls) {
    const auto& one = calls_.at(candidate);
    const auto name = parse_claim(rules_.how, troupe::base_name(one.queued));
    if (one.stage != stage::waiting || !name) continue;
    if (first != nullptr && place <= name->sequence) continue;
    first = &one;
    number = candidate;
    place = name->sequence;
  }
  if (first != nullptr) ask({number, {path}}, std::get<permits_ask>(first->ask));
}

void desk::break_ring(const std::string& path) {
  auto ring = graph_.find(path);
  if (!ring) return;
  auto& victim = calls_.at(ring->youngest);
  if (victim.stage != stage::waiting) return;  // it is being broken
  refusal why{refusal_kind::deadlock, "waiting for ever: " + ring->text};
  if (has_company(victim)) return finish(ring->youngest, std::move(why));
  victim.ring = std::move(ring->edges);
  victim.why = std::move(why);
  begin_ending(ring->youngest);
}

}  // namespace locks
