// Leadership is confirmed by a quorum, and handed over.
#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

// ------------------------------------------------------------------ rounds
//
// A refusal, and the answer to a sync, is right only if nobody else has led meanwhile: a leader
// that is cut off would answer from a state that is not the newest (design section 4). So each
// waits for a quorum to answer a ping that was sent after it was given, or to make durable what was
// proposed after it. A learner that has promised a later epoch answers no ping of this one.

// With a lease (lease.hpp) that was asked beforehand. While a quorum is bound to this leader, no
// other can be established, so nothing was committed elsewhere up to this moment. That is enough
// also if the answer leaves later: it was right between question and answer.

bool leader::holds_lease() const {
  if (shared_.fixed.lease == nanoseconds{0} || phase_ != phase::broadcast) return false;
  return is_quorum(true, [this](const learner& one) {
    return one.stage == stage::accepted && shared_.now < one.granted_until;
  });
}

/// The number of the ping that is to be answered. Zero if nothing needs to be asked.
std::uint64_t leader::ask_for_confirmation() { return holds_lease() ? 0 : ask_a_quorum(); }

/// One round at a time: what comes while one is under way shares the next.
std::uint64_t leader::ask_a_quorum() {
  wanted_ = last_ping_ + 1;
  if (confirmed_ == last_ping_) ping_all();
  return wanted_;
}

void leader::ping_all() {
  pinged_ = shared_.now;
  ++last_ping_;
  for (auto& [id, one] : learners_) {
    // A lease counts from before its ping left, however late that is answered.
    if (one.asked <= one.ponged) {
      one.asked = last_ping_;
      one.asked_at = shared_.now;
    }
    say(id, one, ping{last_ping_});
  }
  confirm(last_ping_);  // this server may be a quorum by itself
}

outcome leader::take(server_id from, learner& one, const pong& message) {
  if (message.number > last_ping_) {
    drop(from, "it answered a ping that was not sent");
    return outcome::goes_on;
  }
  one.ponged = std::max(one.ponged, message.number);
  if (one.ponged >= one.asked && message.bound > nanoseconds{0})
    one.granted_until =
        std::max(one.granted_until, one.asked_at + usable(std::min(message.bound, longest_lease)));
  if (phase_ != phase::broadcast || message.number <= confirmed_) return outcome::goes_on;
  confirm(message.number);
  deliver();
  if (wanted_ > last_ping_) ping_all();
  return hand_over_when_ready();
}

void leader::confirm(std::uint64_t number) {
  if (phase_ != phase::broadcast) return;
  if (!is_quorum(true, [&](const learner& one) {
        return one.stage == stage::accepted && one.ponged >= number;
      }))
    return;
  confirmed_ = number;
  order_.confirmed(number);
  compare_who_waited();
}

// ------------------------------------------------------------ handing over

outcome leader::hand_over(const std::string& reason) {
  handing_over_ = reason;
  handing_over_since_ = shared_.now;
  return hand_over_when_ready();
}

outcome leader::hand_over_when_ready() {
  if (handing_over_.empty()) return outcome::goes_on;
  const auto& log = shared_.log;
  server_id best;
  for (const auto& [id, one] : learners_) {
    if (one.votes && one.stage == stage::accepted && one.durable >= log.last()) best = id;
  }
  const bool all_done = order_.in_flight() == 0 && log.committed() == log.last();
  const bool too_late = phase_ != phase::broadcast ||
                        shared_.now - handing_over_since_ > shared_.fixed.sync_limit / 2;
  if (!too_late && (!all_done || best == server_id{})) return outcome::goes_on;
  successor_ = best;
  dismiss(handing_over_, best);
  return outcome::over;
}

}  // namespace troupe::broadcast::zab
