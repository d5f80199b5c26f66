#include "desk_world.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace locks::test {

namespace {

bool alone(claim_kind kind) { return kind != claim_kind::read; }

}  // namespace

desk_world::desk_world(std::uint64_t seed, options what)
    : options_(std::move(what)), rules_{"/locks", options_.how, 1000, 100}, random_(seed) {
  desk_.emplace(rules_);
  for (int i = 0; i < options_.callers; ++i)
    callers_.push_back({{tree_.open(), std::to_string(i)}, {}, {}});
  other_session_ = tree_.open();
  for (const char* path : {"/locks", "/locks/0", "/locks/1", "/locks/2"})
    tree_.put(path, {}, false);
}

void desk_world::complain(const std::string& what) {
  if (violation_.empty()) violation_ = what;
}

/// A transaction, with its changes on their way to the desk.
template <class F>
auto desk_world::transact(F f) {
  auto result = tree_.run(std::move(f));
  const troupe::zxid at{tree_.now_is().last_zxid};
  for (const auto& one : tree_.changes())
    stream_.push_back({at, event{one.path, one.deleted}, tree_.now_is()});
  return result;
}

void desk_world::carry_out() {
  auto effects = desk_->take_effects();
  for (const auto& one : effects.answers)
    answered(one);
  for (auto& one : effects.decisions) {
    auto outcome = transact([&](auto& tree) { return decide(tree, rules_, one.ask); });
    const troupe::zxid at{tree_.now_is().last_zxid};
    stream_.push_back({at, reply{one.ticket, std::move(outcome)}, tree_.now_is()});
  }
}

void desk_world::hear_one() {
  if (stream_.empty()) return;
  auto next = std::move(stream_.front());
  stream_.pop_front();
  if (auto* change = std::get_if<event>(&next.what)) {
    desk_->changed(change->path, change->deleted, next.at);
  } else if (auto* decided = std::get_if<reply>(&next.what)) {
    desk_->decided(decided->ticket, std::move(decided->outcome), next.at);
  } else {
    auto& heard = std::get<told>(next.what);
    const auto path = givings_.at(heard.giving).what.path;
    const bool permits = givings_.at(heard.giving).what.permits;
    givings_.erase(heard.giving);
    if (permits) return;
    if (heard.outcome)
      desk_->learned(heard.outcome.value().after, next.at);
    else
      desk_->not_learned(path);
  }
  carry_out();
}

desk_world::caller* desk_world::find(call_number call, std::uint64_t& request) {
  for (auto& one : callers_)
    for (const auto& [id, what] : one.wishes)
      if (what.call == call) {
        request = id;
        return &one;
      }
  return nullptr;
}

void desk_world::answered(const desk::answer& answer) {
  std::uint64_t request = 0;
  auto* const who = find(answer.call, request);
  if (who == nullptr) return complain("a call is answered that nobody waits for");
  const auto ended = who->wishes.at(request).ends;
  who->wishes.erase(request);
  const auto* const why = std::get_if<refusal>(&answer.result);
  if (why == nullptr) return take(*who, answer.result);
  ++counts_.refused;
  if (why->kind == refusal_kind::deadlock) ++counts_.deadlocks;
  // Nobody else ends a wait.
  const bool excused = ended || why->kind == refusal_kind::busy ||
                       why->kind == refusal_kind::wrong_kind || why->kind == refusal_kind::deadlock;
  if (!excused && tree_.is_open(who->who.session)) complain("refused without reason: " + why->why);
}

void desk_world::take(caller& who, const desk::outcome& result) {
  ++counts_.granted;
  if (const auto* permits = std::get_if<permits_taken>(&result)) {
    who.has.push_back({"/locks/s", permits->token, permits->leases.front(), true, false});
    return;
  }
  for (const auto& one : std::get<std::vector<taken>>(result)) {
    const auto node = below(one.path, one.name);
    if (!one.held) complain(node + " was given without being held");
    const auto found = tree_.node(node);
    if (found && found->stat.czxid != one.token) complain(node + " has another token");
    const bool known =
        std::any_of(who.has.begin(), who.has.end(), [&](const held& h) { return h.node == node; });
    const auto kind = parse_claim(rules_.how, one.name)->kind;
    if (!known) who.has.push_back({one.path, one.token, node, false, alone(kind)});
  }
}

/// A holder writes to its store, which takes nothing with a smaller token than it has seen. Only
/// who has lost its node may be turned away.
void desk_world::write_something() {
  const auto write = [this](const held& one) {
    if (!one.exclusive) return;
    auto& newest = stores_[one.path];
    if (one.token >= newest) {
      newest = one.token;
      return;
    }
    ++counts_.fenced;
    if (tree_.node(one.node)) complain(one.node + " was fenced off while it held");
  };
  for (const auto& who : callers_)
    std::for_each(who.has.begin(), who.has.end(), write);
  std::for_each(zombies_.begin(), zombies_.end(), write);
  if (zombies_.size() > 5) zombies_.erase(zombies_.begin());
}

void desk_world::wish_something(caller& who) {
  wish one;
  const auto request = next_request_++;
  const bool waits = resting_ || random_.chance(4, 5);
  // Rings of those who wait for permits are not found.
  if (options_.semaphores && !who.has.empty()) return;
  if (options_.semaphores && random_.chance(1, 2)) {
    one.ask = permits_ask{
        "/locks/s", 1 + static_cast<std::int32_t>(random_.below(2)), 3, who.who, request, "",
        waits};
  } else {
    acquire_ask ask{{}, who.who, request, "", waits};
    const auto first = random_.below(3);
    const auto kind = [&] { return options_.kinds[random_.below(options_.kinds.size())]; };
    ask.locks.push_back({"/locks/" + std::to_string(first), kind()});
    if (options_.several && random_.chance(1, 2))
      ask.locks.push_back({"/locks/" + std::to_string((first + 1) % 3), kind()});
    // Holding again what one holds has its own tests; here it would only end waits by itself.
    for (const auto& lock : ask.locks)
      for (const auto& has : who.has)
        if (has.path == lock.path) return;
    one.ask = std::move(ask);
  }
  send(who.wishes[request] = std::move(one));
}

void desk_world::send(wish& one) {
  one.call = next_call_++;
  one.ends = false;
  std::visit([&](const auto& ask) { desk_->acquire(one.call, ask); }, one.ask);
  carry_out();
}

void desk_world::end_something(caller& who) {
  if (who.wishes.empty()) return;
  auto& one = who.wishes.begin()->second;
  one.ends = true;
  const auto call = one.call;
  if (random_.chance(1, 2))
    desk_->cancel(call);
  else
    desk_->time_out(call);
  carry_out();
}

void desk_world::give_back(caller& who, std::size_t which) {
  const auto number = next_giving_++;
  givings_[number] = {who.who.session, who.has[which]};
  who.has.erase(who.has.begin() + static_cast<std::ptrdiff_t>(which));
  send(number, givings_[number]);
}

void desk_world::send(std::uint64_t number, const giving& one) {
  const release_ask ask{one.what.path, one.session, one.what.token};
  told answer{number, refusal{}};
  if (one.what.permits) {
    transact([&](auto& tree) { return release_permits(tree, rules_, ask); });
  } else {
    desk_->expect(one.what.path);
    answer.outcome = transact([&](auto& tree) { return release(tree, rules_, ask); });
    if (!answer.outcome) complain("a release is refused: " + answer.outcome.error().why);
  }
  const troupe::zxid at{tree_.now_is().last_zxid};
  stream_.push_back({at, std::move(answer), tree_.now_is()});
}

void desk_world::other_client() {
  const auto path = "/locks/" + std::to_string(random_.below(3));
  const auto kind = options_.kinds[random_.below(options_.kinds.size())];
  if (others_.size() < 3 && random_.chance(1, 2)) {
    const std::string id = "6a2f1c0e7d574a8e9a522f0a3f3d9b11";
    others_.insert(transact([&](auto& tree) {
      return make_claim(tree, below(path, claim_prefix(rules_.how, kind, id)), true, other_session_,
                        "");
    }));
  } else if (!others_.empty()) {
    const auto node = *others_.begin();
    others_.erase(others_.begin());
    transact([&](auto& tree) { return tree.remove(node, troupe::any_version); });
  }
}

void desk_world::expire(caller& who) {
  ++counts_.expired;
  tree_.close(who.who.session);
  for (const auto& one : tree_.changes())
    stream_.push_back({{tree_.now_is().last_zxid}, event{one.path, one.deleted}, tree_.now_is()});
  // It has not noticed yet: it goes on writing with its tokens.
  zombies_.insert(zombies_.end(), who.has.begin(), who.has.end());
  who.has.clear();
  for (const auto& [request, one] : who.wishes)
    desk_->forget(one.call);
  who.wishes.clear();
  who.who.session = tree_.open();
}

void desk_world::change_leader() {
  ++counts_.leaders;
  // What nobody was told may be lost, from some point on.
  if (!stream_.empty()) {
    const auto cut = random_.below(stream_.size() + 1);
    const auto at =
        cut == stream_.size() ? troupe::zxid{tree_.now_is().last_zxid} : stream_[cut].at;
    const auto last = std::find_if(stream_.rbegin(), stream_.rend(),
                                   [&](const item& one) { return one.at <= at; });
    // Sessions never come back: keep those that are open now.
    auto state = last->after;
    state.sessions = tree_.now_is().sessions;
    state.last_zxid = tree_.now_is().last_zxid + 1;
    std::erase_if(state.nodes, [&](const auto& entry) {
      const auto owner = entry.second.stat.ephemeral_owner;
      return owner && !state.sessions.contains(owner.value);
    });
    tree_.go_back_to(state);
    stream_.clear();
  }
  desk_.emplace(rules_);
  others_.clear();
  for (const auto& [path, one] : tree_.now_is().nodes)
    if (one.stat.ephemeral_owner == other_session_) others_.insert(path);
  // Before the wishes: nobody takes again what it has not given back.
  for (const auto& [number, one] : givings_)
    send(number, one);
  for (auto& who : callers_) {
    for (const auto& one : who.has)
      if (!tree_.node(one.node)) complain(one.node + " was lost with the leader");
    for (auto& [request, one] : who.wishes)
      send(one);
  }
}

void desk_world::step() {
  auto& who = callers_[random_.below(callers_.size())];
  const auto what = random_.below(100);
  if (what < 45) {
    hear_one();
  } else if (what < 65) {
    if (who.wishes.empty()) wish_something(who);
  } else if (what < 80) {
    if (!who.has.empty()) give_back(who, random_.below(who.has.size()));
  } else if (what < 86) {
    end_something(who);
  } else if (what < 93) {
    other_client();
  } else if (what < 97) {
    expire(who);
  } else if (what < 98) {
    change_leader();
  } else {
    write_something();
  }
  carry_out();
  write_something();
}

bool desk_world::come_to_rest() {
  resting_ = true;
  for (int rounds = 0; rounds < 2000; ++rounds) {
    while (!stream_.empty())
      hear_one();
    bool idle = others_.empty();
    while (!others_.empty()) {
      const auto node = *others_.begin();
      others_.erase(others_.begin());
      transact([&](auto& tree) { return tree.remove(node, troupe::any_version); });
    }
    // Who waits keeps what it has: only the detection of deadlocks gets them out.
    for (auto& who : callers_) {
      idle = idle && who.wishes.empty() && who.has.empty();
      if (!who.wishes.empty()) {
        ++counts_.waited;
        continue;
      }
      while (!who.has.empty())
        give_back(who, 0);
    }
    carry_out();
    if (idle && stream_.empty()) break;
  }
  for (const auto& who : callers_)
    if (!who.wishes.empty()) return false;
  for (const auto& [path, one] : tree_.now_is().nodes)
    if (one.stat.ephemeral_owner) {
      complain(path + " stays behind");
      return false;
    }
  return desk_->waiting() == 0;
}

}  // namespace locks::test
