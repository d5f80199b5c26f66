// Synchronisation, seen from a learner (protocol section 11.6): its history becomes the leader's,
// durably, and only then it claims the epoch.
#include <algorithm>

#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

outcome follower::take(const cut& message) {
  if (phase_ != phase::synchronization || history_complete_ || appended_)
    return give_up("it wanted to cut the history at the wrong time");
  if (!shared_.log.cut(message.after)) {
    shared_.out.emplace_back(effect::diverged{
        "the leader wants the history to end at " + to_string(message.after) + ", but " +
        to_string(shared_.log.committed()) + " is committed here, or that point is unknown here"});
    return give_up("the histories contradict each other");
  }
  ++cutting_;
  shared_.out.emplace_back(effect::truncate{message.after});
  said_durable_ = std::min(said_durable_, message.after);
  return outcome::goes_on;
}

outcome follower::truncated() {
  if (cutting_ > 0) --cutting_;
  claim_when_durable();
  return outcome::goes_on;
}

outcome follower::take(const new_leader& message) {
  if (phase_ != phase::synchronization || history_complete_ || message.epoch != epoch_)
    return give_up("it began its epoch at the wrong time");
  history_complete_ = true;
  begins_with_ = shared_.log.last();
  claim_when_durable();
  return outcome::goes_on;
}

void follower::claim_when_durable() {
  if (phase_ != phase::synchronization || !history_complete_ || cutting_ > 0) return;
  if (shared_.log.durable() < begins_with_) return;
  phase_ = phase::claiming;
  shared_.out.emplace_back(
      effect::write_epochs{zab::epochs{shared_.epochs.accepted, epoch_, true}});
}

}  // namespace troupe::broadcast::zab
