#include "test/simulation/zab/ensemble.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::test::zab {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kept_steps = 400;

quorum_system half_of(std::span<const server_id> voters) {
  // One of them counts for one and a half of the others, so that half of an even number, or the
  // smaller half of an odd one, may be enough.
  quorum_system::weights weights;
  for (const auto id : voters)
    weights[id] = id.value == 1 ? static_cast<std::uint32_t>(voters.size()) : 1;
  return quorum_system::weighted(weights);
}

}  // namespace

ensemble_counts& ensemble_counts::operator+=(const ensemble_counts& other) {
  steps += other.steps;
  crashes += other.crashes;
  cuts += other.cuts;
  elections += other.elections;
  established += other.established;
  committed += other.committed;
  truncations += other.truncations;
  wipes += other.wipes;
  ranges += other.ranges;
  snapshots += other.snapshots;
  installed += other.installed;
  refusals += other.refusals;
  handed_over += other.handed_over;
  differences += other.differences;
  flips += other.flips;
  stalls += other.stalls;
  distrusted += other.distrusted;
  leased += other.leased;
  return *this;
}

ensemble::ensemble(std::uint64_t seed, ensemble_options options)
    : random_(seed), options_(options) {
  std::vector<server_id> voters;
  for (std::size_t i = 0; i < options.voters + options.observers; ++i) {
    const server_id id{static_cast<std::uint32_t>(i + 1)};
    auto& one = servers_.emplace_back();
    one.id = id;
    one.clock = monotonic_time{1s};
    one.votes = i < options.voters;
    if (one.votes || options.planted == bug::observer_counts) voters.push_back(id);
  }
  settings_.voters =
      options.planted == bug::half_is_a_quorum ? half_of(voters) : quorum_system::majority(voters);
  // Small, so that ranges are read from the disk often.
  settings_.keep_bytes = random_.chance(1, 2) ? 0 : 200;
  settings_.range_bytes = 60;
  settings_.most_gathered = random_.chance(1, 2) ? 0 : 1 + random_.below(4);
  hasty_ = random_.chance(1, 3);
  if (options.leases) choose_leases();
  if (options.grows) begin_alone(servers_[0]);
  for (auto& one : servers_)
    start(one);
  for (auto& a : servers_)
    for (auto& b : servers_)
      if (a.id < b.id) set_link(a.id, b.id, true);
}

// ------------------------------------------------------------------ a server

/// As `broadcast.local` leaves a directory.
void ensemble::begin_alone(server& one) {
  one.epochs = {3, 3, true, false};
  for (std::uint32_t epoch = 1; epoch <= 3; ++epoch)
    for (std::uint32_t n = 1; n <= 5; ++n)
      committed_.push_back({zxid::of(epoch, n), blob{"alone " + std::to_string(epoch * 10 + n)}});
  one.disk = committed_;
  one.committed_mark = committed_.back().zxid;
}

void ensemble::start(server& one) {
  say("start " + std::to_string(one.id.value));
  auto fixed = settings_;
  fixed.self = one.id;
  // Some are patient, so that they lead on when others have long elected another one.
  fixed.sync_limit = std::chrono::seconds{1 + random_.below(10)};
  one.process = process_of(one, fixed);
  forget_what_it_missed(one);
  if (options_.planted == bug::applies_uncommitted)
    check_delivery(one, {one.disk.begin(), one.disk.end()});
  one.process->start();
  act(one);
}

void ensemble::act(server& one) { act(one, one.process->take_effects()); }

void ensemble::act(server& one, core::effects&& all) {
  namespace effect = core::effect;
  for (auto& any : all) {
    if (auto* send = std::get_if<effect::send>(&any)) {
      auto& way = links_[{one.id, send->to}];
      if (!way.up) continue;
      if (options_.planted == bug::link_swallows && random_.chance(1, 40)) continue;
      note_sent(one, send->message);
      way.messages.push_back(std::move(send->message));
    } else if (auto* append = std::get_if<effect::append>(&any)) {
      if (options_.planted == bug::acknowledges_before_sync && !append->txns.empty())
        one.requests.emplace_back(effect::append{{}, append->txns.back().zxid});
      one.requests.emplace_back(std::move(*append));
    } else if (auto* truncate = std::get_if<effect::truncate>(&any)) {
      ++counts_.truncations;
      one.requests.emplace_back(*truncate);
    } else if (auto* epochs = std::get_if<effect::write_epochs>(&any)) {
      one.requests.emplace_back(*epochs);
    } else if (auto* range = std::get_if<effect::read_range>(&any)) {
      ++counts_.ranges;
      one.requests.emplace_back(*range);
    } else if (const auto* where = std::get_if<effect::locate>(&any)) {
      one.requests.emplace_back(*where);
    } else if (const auto* read = std::get_if<effect::read_snapshot>(&any)) {
      one.requests.emplace_back(*read);
    } else if (const auto* more = std::get_if<effect::next_snapshot_chunk>(&any)) {
      one.requests.emplace_back(*more);
    } else if (const auto* begin = std::get_if<effect::install_begin>(&any)) {
      one.requests.emplace_back(*begin);
    } else if (auto* chunk = std::get_if<effect::install_chunk>(&any)) {
      one.requests.emplace_back(std::move(*chunk));
    } else if (const auto* end = std::get_if<effect::install_end>(&any)) {
      one.requests.emplace_back(*end);
    } else if (const auto* none = std::get_if<effect::install_abandon>(&any)) {
      one.requests.emplace_back(*none);
    } else if (const auto* alarm = std::get_if<effect::alarm>(&any)) {
      ++counts_.differences;
      say(std::to_string(one.id.value) + " " + alarm->event + ": " + alarm->reason);
      // No flipped bit makes committed history another one; only a mistake of ZAB does.
      if (alarm->event == "histories_contradict") violated(alarm->reason);
    } else if (auto* deliver = std::get_if<effect::deliver>(&any)) {
      check_delivery(one, deliver->committed);
    } else if (auto* lead = std::get_if<effect::lead>(&any)) {
      check_leader(one, lead->epoch);
      one.leads = lead->epoch;
      one.counter = 0;
    } else if (std::holds_alternative<effect::stop_leading>(any)) {
      one.leads = 0;
    } else if (const auto* look = std::get_if<effect::look>(&any)) {
      one.looks = true;
      one.eligible = look->eligible;
    } else if (const auto* bad = std::get_if<effect::diverged>(&any)) {
      violated("server " + std::to_string(one.id.value) + " diverged: " + bad->reason);
    } else if (const auto* note = std::get_if<effect::note>(&any)) {
      say(std::to_string(one.id.value) + " " + note->event + ": " + note->reason);
    }
  }
}

verdict ensemble::refusal(const server& one) {
  ++counts_.refusals;
  if (one.process->look_around().holds_lease) ++counts_.leased;
  verdict made;
  made.origin.server = any().id;
  made.origin.sequence = asked_at_.size();
  made.after = one.counter > 0 ? zxid::of(one.leads, one.counter) : one.process->log().last();
  asked_at_.push_back(committed_.empty() ? zxid{} : committed_.back().zxid);
  return made;
}

void ensemble::propose(server& one) {
  if (!one.process || one.leads == 0) return;
  // What it could not commit would hold back its refusals.
  if (undisturbed_ > 0 && one.id == isolated_) return;
  std::vector<core::proposal> some;
  for (auto n = 1 + random_.below(3); n > 0; --n) {
    if (random_.chance(1, 4)) {
      some.emplace_back(refusal(one));
      continue;
    }
    some.emplace_back(encoded_txn{zxid::of(one.leads, ++one.counter),
                                  blob{"body " + std::to_string(++last_body_)}});
  }
  one.process->proposed(one.leads, std::move(some));
  act(one);
}

// ------------------------------------------------------------- between servers

void ensemble::set_link(server_id a, server_id b, bool up) {
  auto& there = links_[{a, b}];
  auto& back = links_[{b, a}];
  if (there.up == up) return;
  if (up && (!at(a).process || !at(b).process)) return;
  for (auto* way : {&there, &back}) {
    way->up = up;
    if (options_.planted != bug::late_messages_pass) way->messages.clear();
  }
  for (const auto& [self, peer] : {std::pair{a, b}, std::pair{b, a}}) {
    auto& one = at(self);
    if (!one.process || (!up && hears_later(self, peer))) continue;
    hears_now(one, peer);
    if (up)
      one.process->link_up(peer);
    else
      one.process->link_down(peer);
    act(one);
  }
}

void ensemble::deliver_message() {
  std::vector<decltype(links_)::iterator> busy;
  for (auto one = links_.begin(); one != links_.end(); ++one)
    if (!one->second.messages.empty() && !(faults_ && one->second.stalls)) busy.push_back(one);
  if (busy.empty()) return;
  const auto chosen = busy[random_.below(busy.size())];
  deliver_next(chosen->first, chosen->second);
}

void ensemble::deliver_next(const std::pair<server_id, server_id>& ends, link& way) {
  auto next = std::move(way.messages.front());
  way.messages.pop_front();
  auto& to = at(ends.second);
  if (!to.process) return;
  if (options_.planted == bug::late_messages_pass && !std::holds_alternative<core::join>(next.body))
    next.conversation = conversations_[ends];
  else
    conversations_[{ends.second, ends.first}] = next.conversation;
  falsify(to, next);
  to.process->received(ends.first, std::move(next));
  act(to);
}

/// Any choice of the election is safe; a bad one only costs time. Mostly it chooses well.
void ensemble::elect() {
  const bool faults = faults_ && undisturbed_ == 0;
  if (faults && random_.chance(1, 10)) {
    // Second thoughts, welcome or not.
    auto& one = any();
    const auto whom = any().id;
    if (one.process && at(whom).votes) {
      one.process->elected(whom);
      act(one);
    }
  }
  std::vector<server*> who;
  for (auto& one : servers_)
    if (one.process && one.looks) who.push_back(&one);
  if (who.empty()) return;
  const bool well = !faults || random_.chance(3, 4);
  // Who has nothing is not elected while somebody is there who has.
  const bool has_members = std::any_of(servers_.begin(), servers_.end(), [](const server& one) {
    return one.process && one.epochs.member;
  });
  server* best = nullptr;
  for (auto& one : servers_) {
    // Somebody who leads already, if there is one: the others join it.
    if (well && one.process && one.process->leader_id() == one.id &&
        (!options_.leases || &one == who.front() || links_[{who.front()->id, one.id}].up))
      best = &one;
  }
  if (!best) {
    std::vector<server*> voters;
    for (auto* one : who)
      if (one->votes && one->eligible && !(well && has_members && !one->epochs.member))
        voters.push_back(one);
    if (voters.empty()) return;
    best = voters[random_.below(voters.size())];
    if (well) {
      for (auto* one : voters)
        if (std::tuple{one->epochs.current, one->process->log().last(), one->id} >
            std::tuple{best->epochs.current, best->process->log().last(), best->id})
          best = one;
    }
  }
  ++counts_.elections;
  say("elected " + std::to_string(best->id.value));
  for (auto* one : who) {
    if (faults && random_.chance(1, 8)) continue;  // it hears of it later
    one->looks = false;
    one->process->elected(best->id);
    act(*one);
  }
}

void ensemble::pass_time(nanoseconds length) {
  for (auto& one : servers_) {
    one.clock = one.clock + length * one.speed / 100;
    if (!one.process) continue;
    one.process->at(one.clock);
    one.process->tick();
    act(one);
  }
}

// ------------------------------------------------------------------- the course

void ensemble::random_step() {
  ++counts_.steps;
  switch (random_.below(10)) {
  case 0:
    propose(any());
    break;
  case 1:
    elect();
    break;
  case 2:
  case 3:
  case 4: {
    auto& one = any();
    if (one.process && !one.requests.empty()) {
      do_disk(one);
      act(one);
    }
    break;
  }
  default:
    deliver_message();
  }
  if (options_.leases && faults_ && random_.chance(1, 10)) ask(any());
  if (options_.leases && random_.chance(1, 200)) hears_now(any(), any().id);
  const bool calm = undisturbed_ > 0;
  if (calm) --undisturbed_;
  if (random_.chance(1, hasty_ || calm ? 8 : 50))
    pass_time(milliseconds{1 + random_.below(calm ? 20 : 400)});
}

void ensemble::run(std::size_t steps) {
  for (std::size_t i = 0; i < steps && violations_.empty(); ++i) {
    random_step();
    if (random_.chance(1, 40)) fault();
  }
}

void ensemble::heal() {
  if (!violations_.empty()) return;
  say("heal");
  faults_ = hasty_ = false;
  for (auto& one : servers_)
    if (!one.process) start(one);
  const auto everybody_serves = [this] {
    return std::all_of(servers_.begin(), servers_.end(), [this](const server& one) {
      return one.process->serves() &&
             one.process->log().last() == servers_[0].process->log().last() &&
             std::equal(one.tree.begin(), one.tree.end(), committed_.begin(), committed_.end(),
                        is_same);
    });
  };
  for (std::size_t i = 0; i < 20'000 && violations_.empty(); ++i) {
    for (auto& a : servers_)
      for (auto& b : servers_)
        if (a.id < b.id) set_link(a.id, b.id, true);
    random_step();
    if (everybody_serves() && i > 200) return;
  }
  if (violations_.empty()) violated("after everything healed, not all members serve one history");
}

// -------------------------------------------------------------------- the checks

void ensemble::check_leader(const server& one, std::uint32_t epoch) {
  ++counts_.established;
  say("leads " + std::to_string(one.id.value) + " epoch " + std::to_string(epoch));
  const auto [known, is_new] = leaders_.emplace(epoch, one.id);
  if (!is_new) {
    violated("epoch " + std::to_string(epoch) + " has two leaders: " +
             std::to_string(known->second.value) + " and " + std::to_string(one.id.value));
  }
  // What was committed, and perhaps acknowledged, is part of every later leader's history. One that
  // is established late, when another has led, commits nothing more.
  if (one.tree.size() < committed_.size() && committed_[one.tree.size()].zxid.epoch() < epoch)
    violated("the leader of epoch " + std::to_string(epoch) + " lacks " +
             to_string(committed_[one.tree.size()].zxid) + ", which was committed");
}

void ensemble::check_delivery(server& one, const std::vector<core::proposal>& due) {
  for (const auto& any : due) {
    const auto* txn = std::get_if<encoded_txn>(&any);
    if (!txn) {
      check_refusal(one, std::get<verdict>(any));
      continue;
    }
    const auto place = one.tree.size();
    one.tree.push_back(*txn);
    if (place < committed_.size()) {
      if (committed_[place].zxid != txn->zxid || !(committed_[place].body == txn->body))
        violated("server " + std::to_string(one.id.value) + " applied " + to_string(txn->zxid) +
                 " where others applied " + to_string(committed_[place].zxid));
      continue;
    }
    committed_.push_back(*txn);
    ++counts_.committed;
    std::vector<server_id> have;
    const auto is_it = [&](const auto& t) { return is_same(t, *txn); };
    for (const auto& s : servers_) {
      if (!s.votes) continue;
      // A leader that has not heard that a link is down counts what was acknowledged before.
      if (std::any_of(s.disk.begin(), s.disk.end(), is_it) ||
          (options_.leases && std::any_of(s.lost.begin(), s.lost.end(), is_it)))
        have.push_back(s.id);
    }
    if (have.size() * 2 <= options_.voters)
      violated(to_string(txn->zxid) + " was applied, but only " + std::to_string(have.size()) +
               " voters have it on their disks");
  }
}

/// What was committed before the client asked is part of what it is told (a stale leader does not
/// answer).
void ensemble::check_refusal(const server& one, const verdict& told) {
  const auto known = asked_at_.at(told.origin.sequence);
  if (told.after < known)
    violated("server " + std::to_string(one.id.value) + " refused by the state after " +
             to_string(told.after) + ", when " + to_string(known) +
             " had been committed before the question");
}

void ensemble::violated(const std::string& what) {
  say("VIOLATION " + what);
  violations_.push_back(what);
}

void ensemble::say(std::string what) {
  steps_.push_back(std::move(what));
  if (steps_.size() > kept_steps) steps_.pop_front();
}

std::string ensemble::trace() const {
  std::string all;
  for (const auto& one : steps_)
    all += one + '\n';
  return all;
}

std::string to_text(bug which) {
  switch (which) {
  case bug::none:
    return "none";
  case bug::acknowledges_before_sync:
    return "acknowledges before sync";
  case bug::forgets_current_epoch:
    return "forgets the current epoch";
  case bug::forgets_accepted_epoch:
    return "forgets the accepted epoch";
  case bug::half_is_a_quorum:
    return "half is a quorum";
  case bug::empty_member_votes:
    return "an empty member votes";
  case bug::cut_is_not_done:
    return "a cut is not done";
  case bug::applies_uncommitted:
    return "applies what is not committed";
  case bug::acknowledges_cut_before_sync:
    return "acknowledges a cut before sync";
  case bug::late_messages_pass:
    return "late messages pass";
  case bug::observer_counts:
    return "an observer counts";
  case bug::link_swallows:
    return "a link swallows messages";
  case bug::lease_from_receipt:
    return "a lease is counted from its receipt";
  case bug::restarted_votes_at_once:
    return "a restarted member votes at once";
  case bug::bound_member_helps:
    return "a bound member helps";
  case bug::nobody_vouches:
    return "nobody vouches for who lost its directory";
  case bug::clocks_run_away:
    return "clocks run away";
  }
  return "?";
}

}  // namespace troupe::test::zab
