#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

follower::follower(common shared, server_id leader, std::uint64_t conversation)
    : shared_(shared), leader_(leader), conversation_(conversation), began_(shared.now),
      heard_(shared.now) {}

outcome follower::link_up(server_id peer) {
  if (peer != leader_) return outcome::goes_on;
  if (joined_) return give_up("the link to it was replaced");
  join();
  return outcome::goes_on;
}

outcome follower::link_down(server_id peer) {
  if (peer != leader_ || !joined_) return outcome::goes_on;
  shared_.note("leader_lost", "the link to it is down");
  return outcome::over;
}

outcome follower::received(server_id from, message& message) {
  if (from != leader_ || message.conversation != conversation_) return outcome::goes_on;
  heard_ = shared_.now;
  return std::visit([this](auto& one) { return take(one); }, message.body);
}

outcome follower::tick() {
  if (shared_.now - heard_ > shared_.fixed.sync_limit && phase_ == phase::broadcast)
    return give_up("it was silent for sync_limit");
  if (shared_.now - heard_ > shared_.fixed.init_limit)
    return give_up("it did not go on with the synchronisation for init_limit");
  return outcome::goes_on;
}

outcome follower::take(const leave& message) {
  shared_.note("leader_lost", "it says: " + message.reason);
  shared_.granted.release(leader_);  // it has forgotten this server, and with it what it granted
  // Whoever is named must be there, or nobody would be heard of before a time limit.
  if (serving() && shared_.fixed.voters.is_voter(message.successor)) successor_ = message.successor;
  return outcome::over;
}

outcome follower::give_up(const std::string& reason) {
  shared_.note("leader_lost", reason);
  say(leave{reason, {}});
  return outcome::over;
}

}  // namespace troupe::broadcast::zab
