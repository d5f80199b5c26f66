// Discovery, seen from a learner (protocol section 11.5): no leader of an older epoch is listened
// to from the moment when a new one is promised.
#include "actors/broadcast/core/zab/follower.hpp"

namespace troupe::broadcast::zab {

void follower::join() {
  joined_ = true;
  const auto& known = shared_.epochs;
  say(zab::join{known.accepted, known.current, shared_.log.durable(),
                known.member && shared_.doubts != doubt::history, shared_.doubts != doubt::none,
                known.shared});
}

outcome follower::take(const new_epoch& message) {
  if (phase_ != phase::discovery) return give_up("it asked for a second promise");
  // Promises of those who do not vote keep nobody from leading.
  const auto& fixed = shared_.fixed;
  const auto oldest =
      fixed.voters.is_voter(fixed.self) ? shared_.epochs.accepted : shared_.epochs.current;
  if (message.epoch < oldest) return give_up("its epoch is older than one that was promised here");
  epoch_ = message.epoch;
  if (message.epoch <= shared_.epochs.accepted) {
    promise(true);
    return outcome::goes_on;
  }
  // The promise is on the disk before anybody hears of it (ZOOKEEPER-335, 1081, 2307).
  phase_ = phase::promising;
  const auto& known = shared_.epochs;
  shared_.out.emplace_back(effect::write_epochs{zab::epochs{
      message.epoch, known.current, known.member || message.first_start, known.shared}});
  return outcome::goes_on;
}

void follower::promise(bool again) {
  phase_ = phase::synchronization;
  const auto& log = shared_.log;
  // The history that is told is the durable one: nothing was appended since it became so, because
  // a server looks for a leader only when its log is at rest.
  say(epoch_promised{epoch_, again, shared_.epochs.current, log.durable(), log.committed(),
                     log.ends()});
  said_durable_ = log.durable();
}

outcome follower::epochs_written() {
  if (phase_ == phase::promising) {
    promise(false);
  } else if (phase_ == phase::claiming) {
    phase_ = phase::accepted;
    say(leader_accepted{epoch_, shared_.granted.left_for(leader_, shared_.now)});
    say_durable();
  }
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
