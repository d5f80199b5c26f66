#include "actors/broadcast/core/zab/leader.hpp"

#include <utility>

namespace troupe::broadcast::zab {

leader::leader(common shared)
    : shared_(shared), began_(shared.now), pinged_(shared.now), quorum_seen_(shared.now) {}

outcome leader::link_down(server_id peer) {
  // It may come back and join anew; whether the quorum is lost for good, time will tell.
  if (const auto known = learners_.find(peer); known != learners_.end()) forget(known);
  return outcome::goes_on;
}

outcome leader::received(server_id from, message& message) {
  if (const auto* opening = std::get_if<join>(&message.body)) {
    if (const auto before = learners_.find(from); before != learners_.end()) forget(before);
    auto& one = learners_[from];
    one.conversation = message.conversation;
    one.votes = shared_.fixed.voters.is_voter(from);
    one.heard = one.went_on = shared_.now;
    return take(from, one, *opening);
  }
  const auto known = learners_.find(from);
  if (known == learners_.end() || known->second.conversation != message.conversation)
    return outcome::goes_on;
  auto& one = known->second;
  one.heard = shared_.now;
  return std::visit([&](auto& what) { return take(from, one, what); }, message.body);
}

outcome leader::epochs_written() {
  if (phase_ == phase::proposing_epoch) {
    phase_ = phase::promising;
    for (const auto& [id, one] : learners_)
      ask_for_promise(id, one);
    return claim_if_promised();
  }
  if (phase_ == phase::claiming) {
    phase_ = phase::synchronization;
    for (auto next = learners_.begin(); next != learners_.end();) {
      auto& [id, one] = *next++;  // whose history does not fit is dropped
      if (one.stage == stage::promised) synchronize(id, one);
    }
    return establish_if_accepted();
  }
  if (phase_ == phase::sharing) establish();
  return outcome::goes_on;
}

outcome leader::tick() {
  if (shared_.now - pinged_ >= shared_.fixed.ping_interval) ping_all();
  if (stands_alone_) return give_up("the ensemble has another history");
  retry_snapshots();
  std::vector<server_id> silent;
  for (const auto& [id, one] : learners_)
    if (shared_.now - one.heard > shared_.fixed.sync_limit) silent.push_back(id);
  for (const auto id : silent)
    drop(id, "it was silent for sync_limit");
  if (phase_ != phase::broadcast) {
    // Whoever heard of this election joins at once. Those who did not need another one.
    if (phase_ == phase::discovery && shared_.now - began_ > shared_.fixed.sync_limit)
      return give_up("no quorum joined within sync_limit");
    if (shared_.now - began_ > shared_.fixed.init_limit)
      return give_up("no quorum came together within init_limit");
    // Grants to earlier leaders run out with time.
    return phase_ == phase::synchronization ? establish_if_accepted() : outcome::goes_on;
  }
  // Whoever is being synchronised, and may count then, follows nobody else either. As long as that
  // goes on, a leader without a quorum would only lead again, and begin with it again.
  if (is_quorum(true, [this](const learner& one) {
        return one.stage == stage::accepted ||
               (one.stage > stage::joined && is_vouched_for(one) &&
                shared_.now - one.went_on <= shared_.fixed.init_limit);
      }))
    quorum_seen_ = shared_.now;
  if (shared_.now - quorum_seen_ > shared_.fixed.sync_limit)
    return give_up("it has had no quorum for sync_limit");
  return hand_over_when_ready();
}

void leader::drop(server_id who, const std::string& reason) {
  const auto gone = learners_.find(who);
  if (gone == learners_.end()) return;
  shared_.note("learner_dropped", "server " + std::to_string(who.value) + ": " + reason);
  say(who, gone->second, leave{reason, {}});
  forget(gone);
}

void leader::note_progress(learner& one) {
  one.went_on = shared_.now;
  if (one.votes) began_ = shared_.now;
}

void leader::forget(learners::iterator which) {
  for (auto& [at, all] : digests_)
    all.erase(which->first);
  release_snapshot(which->second);
  learners_.erase(which);
}

void leader::dismiss(const std::string& reason, server_id successor) {
  for (auto& [id, one] : learners_) {
    say(id, one, leave{reason, successor});
    release_snapshot(one);
  }
  learners_.clear();
}

outcome leader::give_up(const std::string& reason) {
  shared_.note("leading_given_up", reason);
  dismiss("the leader gives up: " + reason);
  return outcome::over;
}

}  // namespace troupe::broadcast::zab
