// A learner that the log does not reach back to gets a snapshot first, then what follows it (SNAP
// of protocol section 11.6). Piece by piece, each when the one before is stored, so that neither a
// slow disk nor a slow link holds up anybody else.
#include <algorithm>
#include <utility>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

void leader::give_snapshot(server_id to, learner& one, zxid at_least) {
  if (one.said.is_a_stranger()) return drop(to, stranger);
  release_snapshot(one);
  one.stage = stage::installing;
  one.sent = one.durable = {};
  one.owed = false;
  one.at_least = at_least;
  one.snapshot = ++shared_.last_token;
  shared_.out.emplace_back(effect::read_snapshot{one.snapshot, at_least});
}

/// Who is right is decided by a quorum: those who differ wait until one has this history. If
/// instead a quorum has another one, this server is the one to be repaired.
outcome leader::take(server_id from, learner& one, const history_differs&) {
  if (one.stage != stage::streaming) {
    drop(from, "it differs from what it was not sent");
    return outcome::goes_on;
  }
  one.stage = stage::differing;
  one.at_least = one.sent;
  if (phase_ == phase::broadcast) {
    give_snapshot(from, one, one.sent);
  } else if ((was_alone_ && one.votes && one.said.shared) ||
             is_quorum(false, [](const learner& l) { return l.stage == stage::differing; })) {
    stands_alone_ = true;
    shared_.out.emplace_back(
        effect::alarm{"histories_differ", "a quorum has another one than this server"});
    return give_up("a quorum has another history");
  }
  return outcome::goes_on;
}

/// A newer snapshot was being written, or too many were being read.
void leader::retry_snapshots() {
  for (auto next = learners_.begin(); next != learners_.end();) {
    auto& [id, one] = *next++;
    // Some of what it lacks was not durable here when it was asked for.
    if (one.stage == stage::catching_up && one.reading == 0) catch_up(id, one);
    if ((one.stage == stage::installing && one.snapshot == 0) ||
        (one.stage == stage::differing && phase_ == phase::broadcast))
      give_snapshot(id, one, one.at_least);
  }
}

void leader::release_snapshot(learner& one) {
  if (one.snapshot == 0) return;
  shared_.out.emplace_back(effect::release_snapshot{std::exchange(one.snapshot, 0)});
}

outcome leader::snapshot_read(std::uint64_t token, snapshot_part part) {
  const auto known = std::find_if(learners_.begin(), learners_.end(), [&](const auto& one) {
    return one.second.snapshot == token && token != 0;
  });
  if (known == learners_.end()) return outcome::goes_on;  // it has left
  auto& [id, one] = *known;
  if (const auto* none = std::get_if<no_snapshot>(&part)) {
    one.snapshot = 0;  // there is nothing to release
    // A piece that is missing in the middle cannot be had again.
    if (!none->later || one.sent != zxid{}) drop(id, "no snapshot can be read for it");
    return outcome::goes_on;
  }
  if (auto* begin = std::get_if<snapshot_begin>(&part)) {
    one.sent = begin->at;
    one.durable = {};
    one.owed = true;
    say(id, one, std::move(*begin));
  } else if (auto* chunk = std::get_if<snapshot_chunk>(&part)) {
    one.owed = true;
    say(id, one, std::move(*chunk));
  } else {
    // It goes on when the learner says that everything up to there is durable. The log after the
    // snapshot stays until it has been sent.
    one.stage = stage::catching_up;
    one.installed = true;
    say(id, one, snapshot_end{});
  }
  return outcome::goes_on;
}

outcome leader::take(server_id from, learner& one, const snapshot_taken&) {
  if (one.stage != stage::installing || one.snapshot == 0 || !std::exchange(one.owed, false)) {
    drop(from, "it stored what it was not sent");
    return outcome::goes_on;
  }
  note_progress(one);
  shared_.out.emplace_back(effect::next_snapshot_chunk{one.snapshot});
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
