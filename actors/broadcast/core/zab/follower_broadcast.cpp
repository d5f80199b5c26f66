// Broadcast, seen from a learner (protocol section 11.7).
#include <iterator>

#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

outcome follower::take(entries& message) {
  if (phase_ < phase::synchronization) return give_up("it sent transactions before its epoch");
  if (installing_ != installation::none)
    return give_up("it sent transactions before the end of its snapshot");
  if (!shared_.log.append(message.txns)) return give_up("its transactions leave a gap");
  appended_ = true;
  shared_.out.emplace_back(effect::append{std::move(message.txns), shared_.log.committed()});
  return outcome::goes_on;
}

outcome follower::persisted() {
  claim_when_durable();
  say_durable();
  return outcome::goes_on;
}

/// While the leader synchronises this server, it sends more only after it heard that what it sent
/// is durable; what counts towards a quorum is for the leader to decide.
void follower::say_durable() {
  const auto durable_here = shared_.log.durable();
  if (phase_ < phase::synchronization || cutting_ > 0 || durable_here <= said_durable_) return;
  // What the leader is about to replace counts for nothing.
  if (differs_ || installing_ != installation::none) return;
  said_durable_ = durable_here;
  say(durable{durable_here});
}

outcome follower::take(commit& message) {
  if (phase_ < phase::accepted) return give_up("it committed before it was accepted");
  if (message.through > shared_.log.last()) return give_up("it committed what it had not sent");
  const bool begins = phase_ == phase::accepted;
  std::vector<proposal> due;
  auto refusal = message.verdicts.begin();
  for (auto& txn : shared_.log.commit(message.through)) {
    for (; refusal != message.verdicts.end() && refusal->after < txn.zxid; ++refusal)
      due.emplace_back(std::move(*refusal));
    due.emplace_back(std::move(txn));
  }
  due.insert(due.end(), std::make_move_iterator(refusal),
             std::make_move_iterator(message.verdicts.end()));
  if (!due.empty()) shared_.out.emplace_back(effect::deliver{std::move(due)});
  if (begins) {
    phase_ = phase::broadcast;
    shared_.out.emplace_back(effect::settled{leader_, epoch_});
    shared_.out.emplace_back(effect::serving{true, false});
  }
  return outcome::goes_on;
}

void follower::digested(const tree_digest& mine) {
  if (serving()) say(mine);
}

outcome follower::take(const tree_differs& message) {
  if (!serving()) return give_up("it compared trees before it let this server serve");
  distrusts_tree_ = true;
  shared_.out.emplace_back(
      effect::alarm{"trees_differ", "after " + to_string(message.at) +
                                        " this server's is another one than a quorum's; the leader "
                                        "sends a snapshot"});
  return give_up("it joins again for a snapshot");
}

/// Only a leader that is established is granted something; see `grant`.
outcome follower::take(const ping& message) {
  const auto bound = serving() ? shared_.fixed.lease : nanoseconds{0};
  if (bound > nanoseconds{0}) shared_.granted.give(leader_, shared_.now + bound);
  say(pong{message.number, bound});
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
