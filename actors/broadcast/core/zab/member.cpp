#include "actors/broadcast/core/zab/member.hpp"

#include <algorithm>
#include <utility>

#include <troupe/base/check.hpp>

namespace troupe::broadcast::zab {

member::member(settings fixed, history log, epochs on_disk, monotonic_time now)
    : fixed_(std::move(fixed)), log_(std::move(log)), epochs_(on_disk), now_(now),
      granted_(now + fixed_.lease), shared_{fixed_, log_,        epochs_, out_,
                                            now_,   last_token_, doubts_, granted_} {}

void member::start() { look_when_at_rest(); }

effects member::take_effects() {
  counted_ = 0;
  return std::exchange(out_, {});
}

template <class Role, class Step>
void member::with(Step step) {
  auto* const role = std::get_if<Role>(&role_);
  if (role && step(*role) == outcome::over) end_role();
  count_writes();
  look_when_at_rest();
}

void member::count_writes() {
  for (; counted_ < out_.size(); ++counted_) {
    const auto& one = out_[counted_];
    if (std::holds_alternative<effect::write_epochs>(one) ||
        std::holds_alternative<effect::truncate>(one) ||
        std::holds_alternative<effect::install_end>(one))
      ++writes_;
  }
}

void member::end_role() {
  const bool served = serves(), led = leads();
  note_fruit(served);
  if (auto* const one = std::get_if<follower>(&role_)) {
    if (one->installing()) out_.emplace_back(effect::install_abandon{});
    if (one->successor() != server_id{}) successor_ = one->successor();
    if (one->distrusts_tree()) doubts_ = std::max(doubts_, doubt::tree);
  } else if (auto* const other = std::get_if<leader>(&role_)) {
    other->dismiss("the leader looks for another one");
    if (other->successor() != server_id{}) successor_ = other->successor();
    if (other->stands_alone()) doubts_ = doubt::history;
    if (other->distrusts_tree()) doubts_ = std::max(doubts_, doubt::tree);
  }
  role_.emplace<looking>();
  if (led) out_.emplace_back(effect::stop_leading{});
  if (served) out_.emplace_back(effect::serving{false, false});
}

/// Some attempts fail while an ensemble comes together. Whoever fails again and again, because the
/// leader refuses it, must not keep everybody busy.
void member::note_fruit(bool served) {
  constexpr unsigned free_of_charge = 4, most_doublings = 10;
  fruitless_ = served ? 0 : fruitless_ + 1;
  if (fruitless_ <= free_of_charge) return;
  const auto delay =
      milliseconds{10} * (1u << std::min(fruitless_ - free_of_charge, most_doublings));
  look_after_ = now_ + std::min<nanoseconds>(delay, fixed_.ping_interval);
}

void member::look_when_at_rest() {
  auto* const here = std::get_if<looking>(&role_);
  if (!here || here->told || !at_rest() || now_ < look_after_) return;
  if (const auto named = std::exchange(successor_, std::nullopt)) return start_role(*named);
  here->told = true;
  // Who has claimed an epoch and is no member has lost the history that it claimed.
  const bool whole = epochs_.member || epochs_.current == 0;
  out_.emplace_back(effect::look{epochs_.current, log_.last(), doubts_ == doubt::none && whole,
                                 epochs_.member && doubts_ != doubt::history,
                                 epochs_.founds() && doubts_ == doubt::none});
}

// ------------------------------------------------------------------ inputs

void member::elected(server_id who) {
  if (!std::holds_alternative<looking>(role_)) {
    // The election may think better of it as long as nobody serves.
    if (serves() || leader_id() == who) return;
    end_role();
  }
  auto& here = std::get<looking>(role_);
  if (!here.told && !at_rest()) return;
  start_role(who);
}

void member::start_role(server_id who) {
  auto joins = std::exchange(early_joins_, {});
  if (who == fixed_.self) {
    role_.emplace<leader>(shared_);
    with<leader>([](leader& one) { return one.begin(); });
    for (auto& [from, what] : joins)
      received(from, std::move(what));
    return;
  }
  refuse(joins);
  role_.emplace<follower>(shared_, who, ++conversations_);
  if (links_.contains(who)) with<follower>([&](follower& one) { return one.link_up(who); });
}

void member::refuse(const std::map<server_id, message>& joins) {
  for (const auto& [from, what] : joins)
    shared_.send(from, what.conversation, leave{"it follows another leader", {}});
}

/// A leader that hands over tells all of it at once, and others may be quicker to join its
/// successor than that one is to hear that it leads. Who is mistaken waits for no more than two
/// ticks.
void member::refuse_joins_that_waited() {
  const bool follows = std::holds_alternative<follower>(role_);
  if (!std::exchange(joins_waited_, follows && !early_joins_.empty()) || !follows) return;
  refuse(std::exchange(early_joins_, {}));
  joins_waited_ = false;
}

void member::link_up(server_id peer) {
  links_.insert(peer);
  with<follower>([&](follower& one) { return one.link_up(peer); });
}

void member::link_down(server_id peer) {
  links_.erase(peer);
  early_joins_.erase(peer);
  with<follower>([&](follower& one) { return one.link_down(peer); });
  with<leader>([&](leader& one) { return one.link_down(peer); });
}

void member::received(server_id from, message what) {
  if (std::holds_alternative<join>(what.body) && !std::holds_alternative<leader>(role_)) {
    if (serves() || std::holds_alternative<looking>(role_))
      early_joins_.insert_or_assign(from, std::move(what));
    else  // who joins a server that is about to follow another shall not wait for an answer
      refuse({{from, std::move(what)}});
    return;
  }
  with<follower>([&](follower& one) { return one.received(from, what); });
  with<leader>([&](leader& one) { return one.received(from, what); });
}

void member::persisted(zxid through) {
  log_.persisted(through);
  with<follower>([](follower& one) { return one.persisted(); });
  with<leader>([](leader& one) { return one.persisted(); });
}

void member::epochs_written(epochs written) {
  TROUPE_CHECK(writes_ > 0, "only what was asked for is written");
  TROUPE_CHECK(written.accepted >= epochs_.accepted && written.current >= epochs_.current,
               "promises and claims never go back");
  --writes_;
  epochs_ = written;
  with<follower>([](follower& one) { return one.epochs_written(); });
  with<leader>([](leader& one) { return one.epochs_written(); });
}

void member::truncated() {
  TROUPE_CHECK(writes_ > 0, "only what was asked for is cut");
  --writes_;
  with<follower>([](follower& one) { return one.truncated(); });
}

void member::located(std::uint64_t token, zxid at, std::optional<std::uint64_t> hash) {
  with<follower>([&](follower& one) {
    one.located(token, hash);
    return outcome::goes_on;
  });
  with<leader>([&](leader& one) { return one.located(token, at, hash); });
}

void member::snapshot_read(std::uint64_t token, snapshot_part part) {
  with<leader>([&](leader& one) { return one.snapshot_read(token, std::move(part)); });
}

void member::install_progress(bool failed) {
  with<follower>([&](follower& one) { return one.install_progress(failed); });
}

void member::installed(zxid base) {
  TROUPE_CHECK(writes_ > 0, "only what was asked for is installed");
  --writes_;
  log_.restart(base);
  doubts_ = doubt::none;
  with<follower>([](follower& one) { return one.installed(); });
}

void member::range(std::uint64_t token, zxid after, std::vector<encoded_txn> txns, bool gone) {
  with<leader>([&](leader& one) { return one.range(token, after, std::move(txns), gone); });
}

void member::proposed(std::uint32_t epoch, std::vector<proposal> proposals) {
  with<leader>([&](leader& one) {
    if (!one.established() || one.epoch() != epoch) return outcome::goes_on;
    return one.proposed(std::move(proposals));
  });
}

bool member::forward_to_leader(std::vector<write_request>& requests) {
  auto* const here = std::get_if<follower>(&role_);
  if (!here || !here->serving()) return false;
  here->forward_to_leader(std::move(requests));
  return true;
}

void member::tell_touched(std::vector<session_id> sessions) {
  auto* const here = std::get_if<follower>(&role_);
  if (here && here->serving()) here->tell_touched(std::move(sessions));
}

void member::resign(const std::string& reason) {
  with<leader>([&](leader& one) {
    one.dismiss(reason);
    return outcome::over;
  });
  with<follower>([](follower&) { return outcome::over; });
}

void member::hand_over(const std::string& reason) {
  with<leader>([&](leader& one) { return one.hand_over(reason); });
}

void member::digested(zxid at, std::uint64_t digest) {
  with<leader>([&](leader& one) { return one.digested(fixed_.self, {at, digest}); });
  with<follower>([&](follower& one) {
    one.digested({at, digest});
    return outcome::goes_on;
  });
}

void member::tick() {
  refuse_joins_that_waited();
  with<follower>([](follower& one) { return one.tick(); });
  with<leader>([](leader& one) { return one.tick(); });
  look_when_at_rest();
}

// ------------------------------------------------------------------- facts

bool member::leads() const noexcept {
  const auto* const one = std::get_if<leader>(&role_);
  return one && one->established();
}

bool member::serves() const noexcept {
  const auto* const one = std::get_if<follower>(&role_);
  return leads() || (one && one->serving());
}

std::optional<server_id> member::leader_id() const noexcept {
  if (std::holds_alternative<leader>(role_)) return fixed_.self;
  if (const auto* const one = std::get_if<follower>(&role_)) return one->leader();
  return std::nullopt;
}

}  // namespace troupe::broadcast::zab
