#include "test/unit/election/ensemble.hpp"

#include <algorithm>
#include <utility>

namespace troupe::election::test {

// ------------------------------------------------------------------ the run

ensemble::ensemble(std::uint64_t seed, core_factory make) : random_(seed), make_(std::move(make)) {
  voters_ = 2 + random_.below(4);
  const auto observers = random_.below(3);
  std::vector<server_id> voting;
  const bool grows = random_.chance(1, 4);
  const bool first_start = grows || random_.chance(1, 3);
  for (std::uint32_t id = 1; id <= voters_ + observers; ++id) {
    auto& s = servers_.emplace_back();
    s.id = {id};
    s.voter = id <= voters_;
    s.blank = first_start;
    if (s.voter) voting.push_back(s.id);
  }
  quorums_ = quorum_system::majority(voting);
  if (grows) {
    auto& one = servers_[random_.below(voters_)];
    one.blank = false;
    one.founder = true;
    one.promised = 1;
    one.history = committed_ = {1, zxid::of(1, 9).value};
  }
  loss_percent_ = random_.chance(1, 2) ? random_.below(30) : 0;
  delay_most_ms_ = 1 + random_.below(10);
}

std::string ensemble::run() {
  for (auto& s : servers_)
    start(s);
  for (auto& s : servers_)
    for (auto& other : servers_)
      if (s.id < other.id) connect(s.id, other.id);
  for (const auto end = now_ + 4s; now_ < end && violation_.empty();) {
    if (random_.chance(1, 40)) disturb();
    step();
  }
  heal();
  const auto deadline = now_ + 10s;
  while (violation_.empty() && !agreed() && now_ < deadline)
    step();
  if (!agreed()) wrong("no agreement after healing");
  const auto letters = std::exchange(sent_, 0);
  for (const auto end = now_ + 3s; now_ < end && violation_.empty();)
    step();
  if (!agreed()) wrong("agreement did not last");
  if (sent_ > 100) wrong("no silence after agreement: " + std::to_string(sent_));
  if (letters > 5'000) wrong("a storm: " + std::to_string(letters));
  return violation_;
}

std::string ensemble::first_start() {
  interrupts_ = false;
  loss_percent_ = 0;
  std::multimap<monotonic_time, server_id> starts;
  for (auto& s : servers_) {
    s.blank = true;
    s.founder = false;
    s.promised = 0;
    s.history = {};
    starts.emplace(now_ + random_.below(500) * 1ms, s.id);
  }
  committed_ = {};
  std::multimap<monotonic_time, std::pair<server_id, server_id>> dials;
  for (const auto deadline = now_ + 5s;
       now_ < deadline && violation_.empty() && !(starts.empty() && agreed());) {
    for (; !starts.empty() && starts.begin()->first <= now_; starts.erase(starts.begin())) {
      auto& s = at(starts.begin()->second);
      start(s);
      s.stands = true;
      look(s);
      for (const auto& other : servers_)
        if (other.core && other.id != s.id)
          dials.emplace(now_ + random_.below(30) * 1ms, std::pair{s.id, other.id});
    }
    for (; !dials.empty() && dials.begin()->first <= now_; dials.erase(dials.begin()))
      connect(dials.begin()->second.first, dials.begin()->second.second);
    step();
  }
  if (!agreed()) wrong("no agreement");
  if (given_up_ > 0) wrong("an attempt was given up");
  return violation_;
}

void ensemble::step() {
  now_ = now_ + 1ms;
  deliver();
  for (auto& s : servers_) {
    if (!s.core) continue;
    if (const auto due = s.core->next_wake(); due && *due <= now_) s.core->wake(now_);
    carry_out(s);
    broadcast(s);
  }
}

bool ensemble::agreed() const {
  std::set<server_id> leaders;
  for (const auto& s : servers_)
    if (s.core) leaders.insert(s.phase == doing::serving ? s.leader : server_id{});
  return leaders.size() == 1 && *leaders.begin() != server_id{};
}

// ------------------------------------------------------------------ trouble

void ensemble::disturb() {
  auto& one = servers_[random_.below(servers_.size())];
  auto& other = servers_[random_.below(servers_.size())];
  switch (random_.below(6)) {
  case 0:
    return stop(one);
  case 1:
  case 2:
    if (!one.core) start(one);
    return;
  case 3:
    return cut(one.id, other.id);
  case 4:
    return connect(one.id, other.id);
  default:  // cut off as a whole, or back
    const bool away = random_.chance(1, 2);
    for (const auto& s : servers_)
      away ? cut(one.id, s.id) : connect(one.id, s.id);
  }
}

void ensemble::heal() {
  if (random_.chance(1, 2)) loss_percent_ = 0;
  std::size_t down = 0;
  // All that were blank or must not stand may be needed.
  for (auto& s : servers_) {
    const bool stays_down = s.voter && !s.core && !s.blank && 2 * (down + 1) < voters_ &&
                            quorums_.voters().size() > 2 && random_.chance(1, 2);
    if (stays_down) {
      ++down;
      continue;
    }
    if (s.core && s.stands) continue;
    stop(s);
    start(s);
    s.stands = true;
    look(s);
  }
  // A blank member does not vote, so nobody may be missing beside it.
  const bool blank = std::any_of(servers_.begin(), servers_.end(),
                                 [](const server& s) { return s.voter && s.blank; });
  for (auto& s : servers_)
    if (!s.core && blank) start(s), s.stands = true, look(s);
  for (auto& s : servers_)
    for (auto& other : servers_)
      if (s.core && other.core) connect(s.id, other.id);
}

void ensemble::start(server& s) {
  // A disk may be lost, one at a time: more would be a real loss.
  const bool others_are_sound = std::all_of(servers_.begin(), servers_.end(), [&](const server& o) {
    return &o == &s || !o.voter || !o.blank;
  });
  if (s.life > 0 && s.voter && !s.founder && voters_ > 2 && others_are_sound &&
      random_.chance(1, 8)) {
    s.history = {};
    s.promised = 0;
    s.blank = true;
  }
  ++s.life;
  s.core = make_(s.id);
  s.stands = !random_.chance(1, 8);
  s.core->set_members(quorums_, now_);
  look(s);
}

void ensemble::stop(server& s) {
  if (!s.core) return;
  for (const auto& other : servers_)
    cut(s.id, other.id);
  s.core.reset();
  s.phase = doing::looking;
  s.followers.clear();
}

void ensemble::look(server& s) {
  s.phase = doing::looking;
  s.followers.clear();
  s.brought = {s.history, s.blank, s.founder};
  s.core->look({s.history.first, {s.history.second}, s.stands, s.blank, s.founder}, now_);
  carry_out(s);
}

// ------------------------------------------------------------------ network

void ensemble::cut(server_id a, server_id b) {
  if (!std::exchange(link(a, b), 0)) return;
  for (const auto& [one, other] : {std::pair{a, b}, std::pair{b, a}})
    if (at(one).core) at(one).core->link_down(other, now_);
}

void ensemble::connect(server_id a, server_id b) {
  if (a == b || !at(a).core || !at(b).core || link(a, b)) return;
  link(a, b) = ++next_link_;
  at(a).core->link_up(b);
  at(b).core->link_up(a);
}

bool ensemble::linked(server_id a, server_id b) const {
  const auto found = links_.find({std::min(a, b), std::max(a, b)});
  return found != links_.end() && found->second != 0;
}

void ensemble::deliver() {
  while (!letters_.empty() && letters_.begin()->first <= now_) {
    const auto one = letters_.begin()->second;
    letters_.erase(letters_.begin());
    auto& to = at(one.to);
    if (!to.core || link(one.from, one.to) != one.link) continue;
    to.core->receive(one.from, one.content, now_);
    carry_out(to);
  }
}

void ensemble::carry_out(server& s) {
  const auto effects = s.core->take_effects();
  for (const auto& [to, content] : effects.sends) {
    ++sent_;
    if (!linked(s.id, to) || random_.below(100) < loss_percent_) continue;
    const auto delay = std::chrono::microseconds{50 + random_.below(delay_most_ms_ * 1000)};
    letters_.emplace(now_ + delay, letter{s.id, to, link(s.id, to), content});
  }
  if (s.core->stage() == stage::looking || effects.elected)
    claims_[{s.id, s.core->round()}].push_back(s.brought);
  if (!effects.elected) return;
  judge(s, *effects.elected);
  s.phase = doing::discovering;
  s.leader = effects.elected->leader;
  s.since = now_;
  s.followers = {s.id};
}

// --------------------------------------------------------------- the judges

void ensemble::judge(const server& s, const decision& d) {
  ++decisions_;
  const auto who = std::to_string(s.id.value) + " elects " + std::to_string(d.leader.value) +
                   " in round " + std::to_string(d.round);
  if (!majority({d.support.begin(), d.support.end()})) return wrong(who + " without a majority");
  if (d.leader.value > voters_) return wrong(who + ", who is no voter");
  // Those who joined a leader did not compare histories.
  const auto& choice = s.core->choice();
  const bool by_votes = s.core->stage() == stage::decided && !s.core->joined();
  if (!by_votes) return;
  for (const auto& voter : d.support) {
    const auto& claims = claims_[{voter, d.round}];
    const bool covered = std::any_of(claims.begin(), claims.end(), [&](const claim& c) {
      return c.history <= position{choice.epoch, choice.last.value};
    });
    if (!covered) return wrong(who + ", who has less than " + std::to_string(voter.value));
    const auto& of_leader = claims_[{d.leader, d.round}];
    const bool by_founder =
        std::any_of(of_leader.begin(), of_leader.end(), [](const claim& c) { return c.founder; });
    if (!claims.back().blank || by_founder) continue;  // who has everything
    for (const auto& other : quorums_.voters()) {
      const auto& theirs = claims_[{other, d.round}];
      if (std::none_of(theirs.begin(), theirs.end(),
                       [](const claim& c) { return c.blank || c.history == position{}; }))
        return wrong(who + " by the vote of a blank server");
    }
  }
  for (const auto& before : rounds_[d.round]) {
    const bool shared = std::any_of(d.support.begin(), d.support.end(), [&](server_id voter) {
      return std::find(before.support.begin(), before.support.end(), voter) != before.support.end();
    });
    if (before.leader != d.leader && !shared) return wrong(who + " with evidence of its own");
  }
  rounds_[d.round].push_back(d);
}

void ensemble::wrong(const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = std::to_string((now_ - monotonic_time{1s}) / 1ms) + " ms: " + what;
}

/// Counted by the test itself: the quorums are part of what is tested.
bool ensemble::majority(const std::set<server_id>& servers) const {
  const auto voting = std::count_if(servers.begin(), servers.end(),
                                    [this](server_id id) { return id.value <= voters_; });
  return static_cast<std::size_t>(2 * voting) > voters_;
}

// -------------------------------------------------------- the toy broadcast

void ensemble::broadcast(server& s) {
  if (s.phase == doing::looking) return;
  if (s.leader != s.id) return follow(s);
  if (s.phase == doing::discovering) return discover(s);
  lead(s);
}

/// As ZAB's leader does it: all voters are here, and nobody has anything.
bool ensemble::is_first_start(const server& s) const {
  return std::all_of(servers_.begin(), servers_.end(), [&](const server& one) {
    if (!one.voter) return true;
    const bool here = one.id == s.id || (s.followers.contains(one.id) && one.core &&
                                         one.phase == doing::discovering && one.leader == s.id &&
                                         linked(one.id, s.id));
    return here && one.history == position{};
  });
}

/// Some have promised, and nobody claims.
void ensemble::interrupt(server& s, std::uint32_t epoch) {
  const auto those = s.followers;
  for (const auto id : those) {
    auto& one = at(id);
    if (id == s.id || random_.chance(1, 2)) {
      one.promised = epoch;
      one.blank = false;
    }
    look(one);
  }
}

void ensemble::follow(server& s) {
  auto& leader = at(s.leader);
  const bool reachable = linked(s.id, leader.id) && leader.core && leader.leads();
  if (s.phase == doing::serving) {
    if (!reachable || leader.phase != doing::serving || leader.history.first != s.history.first) {
      if (now_ - s.since > 20ms) look(s);
      return;
    }
    s.since = now_;
    return;
  }
  if (now_ - s.since > 150ms) return ++given_up_, look(s);
  if (!reachable || !random_.chance(1, 3)) return;
  leader.followers.insert(s.id);
  if (leader.phase != doing::serving || leader.history.first < s.promised) return;
  s.history = leader.history;
  s.promised = s.history.first;
  s.blank = false;
  s.phase = doing::serving;
  s.since = now_;
  s.core->settle(leader.id, s.history.first);
  carry_out(s);
}

void ensemble::discover(server& s) {
  if (now_ - s.since > 150ms) return ++given_up_, look(s);
  const bool first_start = is_first_start(s);
  if (s.blank && !first_start) return;
  std::set<server_id> ready{s.id};
  auto epoch = s.promised;
  for (const auto id : s.followers) {
    const auto& f = at(id);
    if (id == s.id || !f.core || f.phase != doing::discovering || f.leader != s.id ||
        !linked(s.id, id) || (f.blank && !first_start && !s.founder))
      continue;
    if (f.voter && f.history > s.history) return look(s);
    ready.insert(id);
    epoch = std::max(epoch, f.promised);
  }
  if (!majority(ready)) return;
  s.followers = std::move(ready);
  if (first_start && interrupts_ && random_.chance(1, 3)) return interrupt(s, epoch + 1);
  establish(s, epoch + 1);
}

void ensemble::establish(server& s, std::uint32_t epoch) {
  ++leaders_;
  if (s.history < committed_)
    return wrong("leader " + std::to_string(s.id.value) + " lacks what was committed");
  for (const auto& [taken, by] : epochs_)
    if (taken == epoch && by != s.id) return wrong("two leaders of one epoch");
  epochs_.emplace(epoch, s.id);
  s.history = {epoch, zxid::of(epoch, 0).value};
  for (const auto id : s.followers) {
    auto& f = at(id);
    f.promised = epoch;
    f.history = s.history;
    f.blank = false;
  }
  s.founder = false;
  s.phase = doing::serving;
  s.since = now_;
  s.core->settle(s.id, epoch);
  carry_out(s);
}

void ensemble::lead(server& s) {
  std::set<server_id> synced{s.id};
  for (const auto& f : servers_)
    if (f.core && f.id != s.id && f.phase == doing::serving && f.leader == s.id &&
        f.history.first == s.history.first && linked(s.id, f.id))
      synced.insert(f.id);
  if (majority(synced)) s.since = now_;
  if (now_ - s.since > 60ms + (s.followers.size() > 1 ? 40ms : 0ms)) return look(s);
  if (!random_.chance(1, 20)) return;
  ++s.history.second;
  std::set<server_id> stored{s.id};
  for (const auto id : synced) {
    if (id == s.id || random_.chance(1, 2)) continue;
    at(id).history = s.history;
    stored.insert(id);
  }
  if (majority(stored)) committed_ = std::max(committed_, s.history);
}

}  // namespace troupe::election::test
