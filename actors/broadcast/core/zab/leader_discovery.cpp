// Discovery, seen from the leader (protocol section 11.5): an epoch that nobody has used, and a
// quorum that listens to no older one any more.
#include <algorithm>
#include <limits>
#include <tuple>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

/// A server may be a quorum by itself.
outcome leader::begin() {
  founding_ = was_alone_ = shared_.epochs.founds();
  return choose_epoch();
}

outcome leader::take(server_id from, learner& one, const join& message) {
  // What it asked for in an earlier conversation must be in the history that it gets.
  if (order_.unappended() > 0 && propose() == outcome::over) return outcome::over;
  one.said = message;
  one.vouching = last_ping_ + 1;
  // It asks again for everything that is not in the history it gets now. A refusal that still waits
  // here would tell its client that nothing was done, and then the second request is done.
  order_.forget_refusals(from);
  // Of an ensemble that began without this server, or in which it only has not heard that it began.
  if (one.votes && message.current_epoch > 0 && message.shared && founding_) {
    founding_ = false;
    // Promises of empty members do not count any more; some may have been counted.
    if (phase_ != phase::discovery && phase_ != phase::broadcast)
      return give_up("the ensemble has begun already");
  }
  if (phase_ == phase::discovery) return choose_epoch();
  // It promised that to somebody who failed to lead, and can follow nobody of an older epoch. So a
  // newer one has to begin, or it would stay outside for ever.
  if (one.votes && message.accepted_epoch > epoch_)
    return give_up("server " + std::to_string(from.value) + " has promised a later epoch");
  if (phase_ > phase::proposing_epoch) ask_for_promise(from, one);
  return outcome::goes_on;
}

/// Nobody has a transaction or has ever claimed an epoch, and no voter is missing who might. Some
/// may be members already, when the very first start was interrupted. From the first claim on there
/// is a quorum of members, because claims come after promises.
bool leader::is_first_start() const {
  std::size_t empty = shared_.epochs.current == 0 && shared_.log.last() == zxid{} ? 1 : 0;
  for (const auto& [id, one] : learners_)
    if (one.votes && one.said.current_epoch == 0 && one.said.last == zxid{}) ++empty;
  return empty == shared_.fixed.voters.voters().size();
}

/// Who founds an ensemble has everything that was ever committed, and the others have forgotten
/// nothing because there was nothing else. Their promises count without making them members: if
/// this server were lost now, they must not begin without it.
outcome leader::choose_epoch() {
  first_start_ = is_first_start();
  if (!first_start_ && !is_quorum(shared_.epochs.member, [this](const learner& one) {
        return founding_ || one.said.member;
      }))
    return outcome::goes_on;
  auto newest = shared_.epochs.accepted;
  for (const auto& [id, one] : learners_)
    newest = std::max(newest, one.said.accepted_epoch);
  if (newest == std::numeric_limits<std::uint32_t>::max())
    return give_up("the epochs are used up: no later one than 0xffffffff exists");
  for (auto& [id, one] : learners_)
    one.seen_empty = first_start_;
  epoch_ = newest + 1;
  phase_ = phase::proposing_epoch;
  // Durable before anybody hears of it, so that no two leaders ever use one epoch.
  shared_.out.emplace_back(effect::write_epochs{zab::epochs{epoch_, shared_.epochs.current,
                                                            shared_.epochs.member || first_start_,
                                                            shared_.epochs.shared}});
  return outcome::goes_on;
}

void leader::ask_for_promise(server_id to, const learner& one) const {
  say(to, one, new_epoch{epoch_, one.seen_empty});
}

outcome leader::take(server_id from, learner& one, epoch_promised& message) {
  if (phase_ < phase::promising || one.stage != stage::joined || message.epoch != epoch_) {
    drop(from, "it promised what it was not asked for");
    return outcome::goes_on;
  }
  const auto& log = shared_.log;
  // Whoever has more must not be cut by this server (protocol section 11.5). Before the claim, that
  // is a reason to let the other lead; afterwards a quorum stands behind this history.
  const bool has_more = std::tuple{message.current_epoch, message.last} >
                        std::tuple{shared_.epochs.current, log.last()};
  if (one.votes && one.said.member && has_more && phase_ == phase::promising)
    return give_up("server " + std::to_string(from.value) + " has a longer history");
  one.stage = stage::promised;
  one.new_promise = !message.again;
  one.position = std::move(message);
  if (phase_ == phase::promising) return claim_if_promised();
  if (phase_ >= phase::synchronization) synchronize(from, one);
  return outcome::goes_on;
}

outcome leader::claim_if_promised() {
  if (!is_quorum(shared_.epochs.member, [this](const learner& one) {
        return one.new_promise && (one.said.member || one.seen_empty || founding_);
      }))
    return outcome::goes_on;
  // Its own history is durable: the log was at rest when it was elected.
  phase_ = phase::claiming;
  shared_.out.emplace_back(effect::write_epochs{zab::epochs{epoch_, epoch_, true, !was_alone_}});
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
