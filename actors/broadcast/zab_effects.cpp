// What ZAB's core wants, done.
#include <troupe/sdk/log.hpp>

#include "actors/broadcast/codec/message_codec.hpp"
#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {

namespace effect = zab::effect;
namespace log = sdk::log;

void zab_actor::carry_out() {
  for (auto& any : core_->take_effects())
    std::visit([this](auto& one) { carry_out(one); }, any);
  encoder_.forget();
  // All that one step has to say to a server leaves together.
  for (auto& [to, messages] : std::exchange(outbox_, {})) {
    const auto link = links_.find(to);
    if (link == links_.end()) continue;
    peers_.send(
        role::peer::send{role::peer::channel::broadcast, to, link->second, std::move(messages)});
  }
  if (!std::exchange(serving_began_, false)) return;
  find_own_in_log();
  send_unsent();
}

void zab_actor::carry_out(effect::send& wanted) {
  outbox_[wanted.to].push_back(encoder_.encode(wanted.message));
}

void zab_actor::carry_out(effect::append& wanted) {
  if (truncating_) return behind_truncation_.push_back(std::move(wanted));
  const bool disk_bound = ports_.clock.now() >= others_wait_until_;
  storage_.send(
      role::storage::append{std::move(wanted.txns), wanted.committed, disk_bound, disk_bound});
}

void zab_actor::carry_out(effect::truncate& wanted) {
  truncating_ = true;
  log::warning("history_cut", {{"after", to_string(wanted.after)},
                               {"reason", "the leader does not have what follows, so it was never "
                                          "committed"}});
  storage_.send(role::storage::truncate{wanted.after});
}

/// Storage takes nothing while it cuts.
void zab_actor::truncated() {
  truncating_ = false;
  while (!behind_truncation_.empty()) {
    auto next = std::move(behind_truncation_.front());
    behind_truncation_.pop_front();
    std::visit([this](auto& one) { carry_out(one); }, next);
  }
  step([](zab::member& core) { core.truncated(); });
}

void zab_actor::carry_out(effect::write_epochs& wanted) {
  storage_.send(role::storage::write_epochs{
      {wanted.epochs.accepted, wanted.epochs.current, wanted.epochs.member, wanted.epochs.shared}});
}

void zab_actor::carry_out(effect::read_range& wanted) {
  storage_.send(role::storage::read_range{wanted.token, wanted.after, wanted.most_bytes});
}

void zab_actor::carry_out(effect::deliver& wanted) {
  note_outcomes(wanted.committed);
  tree_.send(role::tree::deliver{std::move(wanted.committed)});
}

void zab_actor::carry_out(effect::lead& wanted) {
  tree_.send(role::tree::lead{wanted.epoch, ports_.entropy.secret(32), true});
  log::info("leading", {{"epoch", wanted.epoch}, {"last_zxid", to_string(core_->log().last())}});
}

void zab_actor::carry_out(effect::prepare& wanted) { prepare(std::move(wanted.requests)); }

void zab_actor::carry_out(effect::touch& wanted) {
  if (sessions_.pointer()) sessions_.send(role::broadcast::touch{std::move(wanted.sessions)});
}

void zab_actor::carry_out(effect::stop_leading&) {
  // Whatever is not delivered may be committed by the next leader, so nobody is told "no".
  tree_.send(role::tree::stop_leading{});
}

void zab_actor::carry_out(effect::look& wanted) {
  // At the first start nobody is a member, and the election waits until it has heard all: otherwise
  // two would choose a leader that has to wait for the third, which does not know of it.
  if (leaving_) return;
  election_.send(role::election::look{wanted.current_epoch, wanted.last, wanted.eligible,
                                      wanted.votes, wanted.founder});
}

void zab_actor::carry_out(effect::settled& wanted) {
  election_.send(role::election::settled{wanted.leader, wanted.epoch});
  if (wanted.leader != server_)
    log::info("following", {{"leader", wanted.leader.value}, {"epoch", wanted.epoch}});
}

void zab_actor::carry_out(effect::serving& wanted) {
  serving_ = wanted;
  serving_began_ = wanted.serves;
  if (wanted.serves) {
    serving_since_ = ports_.clock.now();
    ++applying_;
    tree_.send(role::tree::load{role::storage::recovery::committed{}});
    return;
  }
  unresolved_.leader_lost();
  announced_ = false;
  for (const auto& one : listeners_)
    one.send(serving());
}

void zab_actor::announce_when_applied() {
  if (--applying_ > 0 || !serving_.serves) return;
  announced_ = true;
  auto news = serving();
  news.replaced = std::exchange(replaced_, false);
  for (const auto& one : listeners_)
    one.send(news);
}

void zab_actor::carry_out(effect::diverged& wanted) {
  fail("this server's history contradicts that of its ensemble: " + wanted.reason +
       ". Keep its data directory as evidence, and start it with an empty one; the leader gives it "
       "everything");
}

void zab_actor::carry_out(effect::alarm& wanted) {
  log::error(wanted.event, {{"reason", wanted.reason}});
}

void zab_actor::carry_out(effect::note& wanted) {
  log::info(wanted.event, {{"reason", wanted.reason}});
}

}  // namespace troupe::broadcast
