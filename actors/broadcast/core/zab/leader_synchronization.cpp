// Synchronisation, seen from the leader (protocol section 11.6): everybody gets its history, and
// when a quorum has it durably, all of it is committed.
#include <algorithm>
#include <utility>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

void leader::synchronize(server_id to, learner& one) {
  const auto& theirs = one.position;
  const auto point = shared_.log.common_with(theirs.ends);
  // A server that installs a snapshot goes back to it. So it must not be older than anything that
  // others count on here: what is committed, and what both have.
  const bool possible =
      phase_ == phase::broadcast && shared_.log.last() != zxid{} && !one.said.is_a_stranger();
  if ((one.said.wants_snapshot && possible) || !point.known)
    return give_snapshot(to, one, std::max(theirs.committed, point.at));
  if (point.at < theirs.committed) {
    if (one.said.is_a_stranger()) return drop(to, stranger);
    // A server that was alone is not to overrule an ensemble that has a history.
    if (was_alone_ && one.votes && one.said.shared) stands_alone_ = true;
    shared_.out.emplace_back(effect::alarm{
        "histories_contradict", "server " + std::to_string(to.value) + " holds " +
                                    to_string(theirs.committed) +
                                    " to be committed, but has only the history up to " +
                                    to_string(point.at) + " in common with this leader"});
    return drop(to, "the histories contradict each other. Keep its data directory as evidence, and "
                    "start it with an empty data directory");
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
    one.reading = ++shared_.last_token;
    shared_.out.emplace_back(effect::read_range{one.reading, one.sent, shared_.fixed.range_bytes});
    return;
  }
  if (!rest->empty()) say(to, one, entries{std::move(*rest)});
  one.sent = shared_.log.last();
  one.stage = stage::streaming;
  release_snapshot(one);
  if (is_vouched_for(one)) return compare(one);
  one.waits = true;
  if (phase_ == phase::broadcast) (void)ask_a_quorum();
}

/// Whether this learner may become a member here, and count. One that lost its directory may have
/// promised a later epoch before, and counted for its leader. Of all who promised that, only this
/// one can have forgotten it: so when a quorum without it still follows here after it joined, that
/// leader has no quorum. Who has not accepted this epoch answers for nobody. At the beginning of an
/// ensemble there is nothing that can have been forgotten.
bool leader::is_vouched_for(const learner& one) const {
  return !one.votes || one.said.member || one.seen_empty ||
         (founding_ && phase_ < phase::sharing) || confirmed_ >= one.vouching;
}

/// What is durable here is the longest history that can be compared. The answer makes the learner a
/// member.
void leader::compare(learner& one) {
  one.waits = false;
  one.locating = ++shared_.last_token;
  shared_.out.emplace_back(effect::locate{one.locating, shared_.log.durable()});
}

void leader::compare_who_waited() {
  for (auto& [id, one] : learners_)
    if (one.waits && is_vouched_for(one)) compare(one);
}

outcome leader::located(std::uint64_t token, zxid at, std::optional<std::uint64_t> hash) {
  for (auto& [id, one] : learners_) {
    if (one.locating != token) continue;
    one.locating = 0;
    say(id, one, new_leader{epoch_, hash ? at : zxid{}, hash.value_or(0)});
    break;
  }
  return outcome::goes_on;
}

outcome leader::range(std::uint64_t token, zxid after, std::vector<encoded_txn> txns, bool gone) {
  for (auto& [id, one] : learners_) {
    if (one.reading != token) continue;
    one.reading = 0;
    if (!gone && txns.empty()) return outcome::goes_on;  // not durable here yet: asked again
    if (gone || after != one.sent) {
      // A log that does not reach back begins after a snapshot. If it was shortened meanwhile, the
      // learner begins anew.
      if (one.fed)
        drop(id, "the log does not reach back to its history any more");
      else
        give_snapshot(id, one, one.sent);
      return outcome::goes_on;
    }
    one.fed = true;
    // The next piece follows when this one is durable there, so that a slow disk holds up nobody.
    one.sent = txns.back().zxid;
    say(id, one, entries{std::move(txns)});
    return outcome::goes_on;
  }
  return outcome::goes_on;  // the learner has left
}

outcome leader::take(server_id from, learner& one, const leader_accepted& message) {
  if (one.stage != stage::streaming || one.waits || message.epoch != epoch_) {
    drop(from, "it accepted what it was not sent");
    return outcome::goes_on;
  }
  one.stage = stage::accepted;
  one.accepted_at = shared_.now;
  one.free_from = shared_.now + std::clamp(message.bound, nanoseconds{0}, longest_lease);
  if (phase_ == phase::synchronization) return establish_if_accepted();
  if (phase_ == phase::sharing) return outcome::goes_on;  // all are let in when that is durable
  let_serve(from, one);
  commit_what_a_quorum_has();
  return outcome::goes_on;
}

void leader::let_serve(server_id to, const learner& one) {
  // Its history counts, its tree is wrong. A snapshot as new as that can be made only now, when
  // all of it is committed.
  if (one.said.wants_snapshot && one.position.last != zxid{} && !one.installed)
    return drop(to, "it joins again for a snapshot");
  say(to, one, commit{shared_.log.committed(), {}});
}

/// Whoever is bound to an earlier leader does not count yet: that may still answer by its lease,
/// and from the moment when this one is established, there may be something that it does not know.
outcome leader::establish_if_accepted() {
  const auto now = shared_.now;
  const bool free = shared_.granted.left_for(shared_.fixed.self, now) == nanoseconds{0};
  if (!is_quorum(free, [now](const learner& one) {
        return one.stage == stage::accepted && now >= one.free_from;
      }))
    return outcome::goes_on;
  if (shared_.epochs.shared) {
    establish();
    return outcome::goes_on;
  }
  // From here on the others can go on without this server, which must know that before anything is
  // committed with them.
  phase_ = phase::sharing;
  shared_.out.emplace_back(effect::write_epochs{zab::epochs{epoch_, epoch_, true, true}});
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
  for (auto next = learners_.begin(); next != learners_.end();) {
    const auto& [id, one] = *next++;
    if (one.stage == stage::accepted) let_serve(id, one);
  }
  ping_all();
}

}  // namespace troupe::broadcast::zab
