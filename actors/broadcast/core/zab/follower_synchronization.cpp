// Synchronisation, seen from a learner (protocol section 11.6): its history becomes the leader's,
// durably, and only then it claims the epoch.
#include <algorithm>

#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

outcome follower::take(const cut& message) {
  if (phase_ != phase::synchronization || history_complete_ || appended_ ||
      installing_ != installation::none)
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
  if (phase_ != phase::synchronization || history_complete_ || message.epoch != epoch_ ||
      installing_ != installation::none)
    return give_up("it began its epoch at the wrong time");
  if (message.at > shared_.log.last()) return give_up("it compares what it has not sent");
  history_complete_ = true;
  claimed_ = message;
  begins_with_ = shared_.log.last();
  claim_when_durable();
  return outcome::goes_on;
}

void follower::claim_when_durable() {
  if (phase_ != phase::synchronization || !history_complete_ || cutting_ > 0) return;
  if (shared_.log.durable() < begins_with_) return;
  if (claimed_.at == zxid{}) return claim();
  phase_ = phase::comparing;
  locating_ = ++shared_.last_token;
  shared_.out.emplace_back(effect::locate{locating_, claimed_.at});
}

/// The same past at the same point, or the histories differ, which no lost message and no crash
/// explains (ZOOKEEPER-1154). Whose is right, the leader learns from the others.
void follower::located(std::uint64_t token, std::optional<std::uint64_t> hash) {
  if (phase_ != phase::comparing || token != locating_) return;
  if (!hash || *hash == claimed_.history_hash) return claim();
  phase_ = phase::synchronization;
  history_complete_ = false;
  differs_ = true;
  shared_.out.emplace_back(effect::alarm{
      "histories_differ", "up to " + to_string(claimed_.at) + " it is another one than that of " +
                              "the leader, server " + std::to_string(leader_.value)});
  say(history_differs{});
}

void follower::claim() {
  phase_ = phase::claiming;
  shared_.out.emplace_back(
      effect::write_epochs{zab::epochs{shared_.epochs.accepted, epoch_, true, true}});
}

}  // namespace troupe::broadcast::zab
