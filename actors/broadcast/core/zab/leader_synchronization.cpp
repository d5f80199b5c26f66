// Synchronisation, seen from the leader (protocol section 11.6): everybody gets its history, and
// when a quorum has it durably, all of it is committed.
#include <utility>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

void leader::synchronize(server_id to, learner& one) {
  const auto& theirs = one.position;
  const auto point = shared_.log.common_with(theirs.ends);
  if (!point.known) return drop(to, "its history ends where nobody here remembers any more");
  if (point.at < theirs.committed) {
    shared_.note("histories_differ", "server " + std::to_string(to.value) + " holds " +
                                         to_string(theirs.committed) +
                                         " to be committed, but has only the history up to " +
                                         to_string(point.at) + " in common with this leader");
    return drop(to, "the histories contradict each other");
  }
  if (point.at < theirs.last) say(to, one, cut{point.at});
  one.stage = stage::catching_up;
  one.sent = one.durable = point.at;
  catch_up(to, one);
}

void leader::catch_up(server_id to, learner& one) {
  if (one.reading != 0 || one.durable < one.sent) return;
  auto rest = shared_.log.after(one.sent);
  if (!rest) {
    one.reading = ++last_token_;
    shared_.out.emplace_back(effect::read_range{one.reading, one.sent, shared_.fixed.range_bytes});
    return;
  }
  if (!rest->empty()) say(to, one, entries{std::move(*rest)});
  one.sent = shared_.log.last();
  one.stage = stage::streaming;
  say(to, one, new_leader{epoch_});
}

outcome leader::range(std::uint64_t token, zxid after, std::vector<encoded_txn> txns, bool gone) {
  for (auto& [id, one] : learners_) {
    if (one.reading != token) continue;
    one.reading = 0;
    if (gone || txns.empty() || after != one.sent) {
      drop(id, "the log does not reach back to its history");
      return outcome::goes_on;
    }
    // The next piece follows when this one is durable there, so that a slow disk holds up nobody.
    one.sent = txns.back().zxid;
    say(id, one, entries{std::move(txns)});
    return outcome::goes_on;
  }
  return outcome::goes_on;  // the learner has left
}

outcome leader::take(server_id from, learner& one, const leader_accepted& message) {
  if (one.stage != stage::streaming || message.epoch != epoch_) {
    drop(from, "it accepted what it was not sent");
    return outcome::goes_on;
  }
  one.stage = stage::accepted;
  if (phase_ == phase::synchronization) return establish_if_accepted();
  say(from, one, commit{shared_.log.committed(), {}});
  commit_what_a_quorum_has();
  return outcome::goes_on;
}

outcome leader::establish_if_accepted() {
  if (is_quorum(true, [](const learner& one) { return one.stage == stage::accepted; })) establish();
  return outcome::goes_on;
}

void leader::establish() {
  phase_ = phase::broadcast;
  quorum_seen_ = shared_.now;
  auto& log = shared_.log;
  // Nothing is proposed before this, so this is exactly what a quorum has accepted.
  std::vector<proposal> due;
  for (auto& txn : log.commit(log.last()))
    due.emplace_back(std::move(txn));
  if (!due.empty()) shared_.out.emplace_back(effect::deliver{std::move(due)});
  order_.start_after(log.last());
  shared_.out.emplace_back(effect::settled{shared_.fixed.self, epoch_});
  shared_.out.emplace_back(effect::lead{epoch_});
  shared_.out.emplace_back(effect::serving{true, true});
  for (const auto& [id, one] : learners_)
    if (one.stage == stage::accepted) say(id, one, commit{log.committed(), {}});
}

}  // namespace troupe::broadcast::zab
