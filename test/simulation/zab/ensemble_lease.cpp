// Leaders that answer by their leases, and what could be wrong with that.
#include <chrono>
#include <utility>

#include "test/simulation/zab/ensemble.hpp"

namespace troupe::test::zab {

using namespace std::chrono_literals;

namespace {

/// Less than 2^20 pings are sent in a course.
std::uint64_t key_of(const server_id who, std::uint64_t number) {
  return std::uint64_t{who.value} << 20 | number;
}

}  // namespace

/// Also longer than the shortest `sync_limit`: for what is right, leases may be of any length.
void ensemble::choose_leases() {
  settings_.lease = milliseconds{200 + random_.below(1300)};
  settings_.ping_interval = milliseconds{50 + random_.below(200)};
  for (auto& one : servers_) {
    one.speed = static_cast<unsigned>(95 + random_.below(11));
    if (options_.planted == bug::clocks_run_away && one.id.value == options_.voters) one.speed = 30;
  }
}

std::unique_ptr<core::member> ensemble::process_of(const server& one, core::settings fixed) {
  auto log = recover(at(one.id), fixed.keep_bytes);
  auto epochs = one.epochs;
  if (options_.planted == bug::empty_member_votes) epochs.member = true;
  auto began = one.clock;
  if (options_.planted == bug::restarted_votes_at_once) began = began + -fixed.lease;
  auto made = std::make_unique<core::member>(std::move(fixed), std::move(log), epochs, began);
  made->at(one.clock);
  return made;
}

/// Whoever believes to lead is asked something that it answers without a proposal.
void ensemble::ask(server& one) {
  if (!one.process || one.leads == 0) return;
  one.process->proposed(one.leads, {refusal(one)});
  act(one);
}

bool ensemble::hears_later(server_id self, server_id peer) {
  if (!options_.leases || (late_ != server_id{} ? self != late_ : random_.chance(1, 2)))
    return false;
  links_[{self, peer}].unnoticed = true;
  return true;
}

void ensemble::answer_late(const server& leader) {
  const auto deliver_all = [&](bool answers) {
    for (auto& [ends, way] : links_)
      while ((answers ? ends.second : ends.first) == leader.id && !way.messages.empty())
        deliver_next(ends, way);
  };
  pass_time(settings_.ping_interval * 2);
  deliver_all(false);
  pass_time(milliseconds{random_.below(500)});
  deliver_all(true);
}

void ensemble::isolate(server& one) {
  if (!one.process || one.leads == 0) return;
  if (random_.chance(1, 2)) answer_late(one);
  say("isolate " + std::to_string(one.id.value));
  ++counts_.cuts;
  late_ = isolated_ = one.id;
  for (const auto& other : servers_)
    if (other.id != one.id) set_link(one.id, other.id, false);
  auto& another = any();
  if (&another != &one && random_.chance(1, 2)) {
    if (may_lose_directory() && random_.chance(1, 2))
      wipe(another);
    else
      crash(another);
    start(another);
  }
  for (const auto& a : servers_)
    for (const auto& b : servers_)
      if (a.id < b.id && a.id != one.id && b.id != one.id) set_link(a.id, b.id, true);
  late_ = {};
  undisturbed_ = 1200;
}

void ensemble::hears_now(server& self, server_id peer) {
  if (!self.process || !std::exchange(links_[{self.id, peer}].unnoticed, false)) return;
  self.process->link_down(peer);
  act(self);
}

void ensemble::forget_what_it_missed(const server& one) {
  for (auto& [ends, way] : links_)
    if (ends.first == one.id) way.unnoticed = false;
}

void ensemble::note_sent(const server& from, const core::message& what) {
  if (options_.planted != bug::lease_from_receipt) return;
  if (const auto* asked = std::get_if<core::ping>(&what.body))
    pinged_[key_of(from.id, asked->number)] = from.clock;
}

void ensemble::falsify(const server& to, core::message& what) const {
  if (auto* opening = std::get_if<core::join>(&what.body)) {
    if (options_.planted == bug::nobody_vouches && to.leads != 0) opening->member = true;
    return;
  }
  if (auto* accepted = std::get_if<core::leader_accepted>(&what.body)) {
    if (options_.planted == bug::bound_member_helps) accepted->bound = 0s;
    return;
  }
  auto* const answer = std::get_if<core::pong>(&what.body);
  if (!answer || answer->bound == 0s || options_.planted != bug::lease_from_receipt) return;
  const auto sent = pinged_.find(key_of(to.id, answer->number));
  if (sent != pinged_.end()) answer->bound += (to.clock - sent->second) * 10 / 9;
}

}  // namespace troupe::test::zab
