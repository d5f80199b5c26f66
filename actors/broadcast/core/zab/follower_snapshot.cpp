// A snapshot of the leader takes the place of this server's history, and of its tree (SNAP of
// protocol section 11.6). The old history stays until the new one is complete.
#include <utility>

#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

outcome follower::take(const snapshot_begin& message) {
  if (phase_ != phase::synchronization || history_complete_ || (appended_ && !differs_) ||
      installing_ != installation::none)
    return give_up("it sent a snapshot at the wrong time");
  if (message.at < shared_.log.committed() || message.at.epoch() > shared_.epochs.accepted)
    return give_up("its snapshot is of " + to_string(message.at) +
                   ", which is older than what is committed here, or of no epoch promised here");
  installing_ = installation::pieces;
  storing_ = true;
  shared_.out.emplace_back(effect::install_begin{message});
  return outcome::goes_on;
}

outcome follower::take(snapshot_chunk& message) {
  if (installing_ != installation::pieces || storing_)
    return give_up("it sent a piece of a snapshot too soon");
  storing_ = true;
  shared_.out.emplace_back(effect::install_chunk{std::move(message.bytes)});
  return outcome::goes_on;
}

outcome follower::take(const snapshot_end&) {
  if (installing_ != installation::pieces || storing_)
    return give_up("it ended a snapshot too soon");
  installing_ = installation::completing;
  shared_.out.emplace_back(effect::install_end{});
  return outcome::goes_on;
}

outcome follower::install_progress(bool failed) {
  if (installing_ == installation::none) return outcome::goes_on;
  storing_ = false;
  if (failed) {
    installing_ = installation::none;
    return give_up("there is no space here for its snapshot");
  }
  say(snapshot_taken{});
  return outcome::goes_on;
}

outcome follower::installed() {
  if (installing_ != installation::completing) return outcome::goes_on;
  installing_ = installation::none;
  differs_ = false;
  said_durable_ = shared_.log.durable();
  say(durable{said_durable_});
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
