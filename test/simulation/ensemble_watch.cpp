#include "test/simulation/ensemble_watch.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

namespace troupe::test {
namespace {

std::string hex(zxid z) {
  std::ostringstream out;
  out << "0x" << std::hex << z.value;
  return out.str();
}

std::string name(server_id who) { return "server " + std::to_string(who.value); }

}  // namespace

void ensemble_watch::begins(server_id who, tree_handle tree) {
  auto& one = members_[who];
  const auto lagged = one.lagged;
  one = {};
  one.lagged = lagged;
  one.tree = std::move(tree);
}

void ensemble_watch::ends(server_id who) {
  auto& one = members_[who];
  one.tree.reset();
  one.leads = false;
}

void ensemble_watch::applied(server_id who, const encoded_txn& txn) {
  auto& mine = members_[who];
  const link made{std::hash<std::string_view>{}(txn.body.view()), mine.last};
  if (txn.zxid <= mine.last) {
    facts_.violation(name(who) + " applies " + hex(txn.zxid) + " after " + hex(mine.last));
  }
  mine.last = txn.zxid;
  if (history_.empty() || txn.zxid > history_.rbegin()->first) {
    known_.emplace_back(now_(), txn.zxid);
  }
  const auto [found, fresh] = history_.emplace(txn.zxid, made);
  const auto& other = found->second;
  if (fresh) {
    const auto next = std::next(found);
    if (next != history_.end()) {
      facts_.violation(name(who) + " applies " + hex(txn.zxid) + ", which others have left out");
    }
  } else if (other.hash != made.hash) {
    facts_.violation("two histories: " + name(who) + " has another " + hex(txn.zxid));
  } else if (other.before != made.before) {
    facts_.violation("two histories: " + hex(txn.zxid) + " follows " + hex(made.before) + " on " +
                     name(who) + " and " + hex(other.before) + " on others");
  }
}

void ensemble_watch::leads(server_id who, std::uint32_t epoch) {
  const auto [found, fresh] = leaders_.emplace(epoch, who);
  if (!fresh) {
    facts_.violation("epoch " + std::to_string(epoch) + " is led by " + name(found->second) +
                     " and again by " + name(who));
  }
  if (promised_ && !promised_(epoch)) {
    facts_.violation(name(who) + " leads epoch " + std::to_string(epoch) +
                     ", which no quorum has promised");
  }
  auto& mine = members_[who];
  mine.leads = true;
  mine.leads_since = now_();
  last_leader_ = who;
}

std::optional<server_id> ensemble_watch::leader() const {
  if (!last_leader_) return std::nullopt;
  const auto found = members_.find(*last_leader_);
  return found != members_.end() && found->second.leads ? last_leader_ : std::nullopt;
}

void ensemble_watch::check_age(server_id who, zxid shown, monotonic_time sent) {
  const auto limit = monotonic_time{sent.since_start - oldest_state};
  while (known_.size() > 1 && known_[1].first <= monotonic_time{limit.since_start - lag_limit})
    known_.pop_front();
  if (now_() - members_[who].lagged < lag_limit) return;
  zxid least;
  for (const auto& [when, at] : known_) {
    if (when > limit) break;
    least = at;
  }
  if (shown >= least) return;
  facts_.violation(name(who) + " answers a read with " + hex(shown) +
                   ", which is older than what was known " + std::to_string(oldest_state.count()) +
                   " ms before, " + hex(least));
}

// ------------------------------------------------------------------ sessions

void ensemble_watch::paused(server_id who) {
  members_[who].paused_since = now_();
  lags_now(who);
}

void ensemble_watch::resumed(server_id who) {
  lags_now(who);
  auto& one = members_[who];
  if (one.paused_since) one.pauses.emplace_back(*one.paused_since, now_());
  one.paused_since.reset();
}

nanoseconds ensemble_watch::paused_within(const member& who, monotonic_time from,
                                          monotonic_time to) {
  nanoseconds sum{0};
  for (const auto& [begin, end] : who.pauses) {
    const auto first = std::max(begin, from), last = std::min(end, to);
    if (last > first) sum += last - first;
  }
  return sum;
}

void ensemble_watch::expires(session_id session, server_id who) {
  expiries_[session] = {who, now_(), members_[who].leads_since};
}

void ensemble_watch::check_expired(session_id session, monotonic_time heard, milliseconds timeout) {
  const auto found = expiries_.find(session);
  if (found == expiries_.end()) {
    facts_.violation("a session expired and no leader has decided so");
    return;
  }
  const auto& what = found->second;
  const auto from = std::max(heard, what.leads_since);
  const auto listened = what.at - from - paused_within(members_[what.leader], from, what.at);
  if (listened >= timeout - expiry_slack) return;
  facts_.violation("session expired early: " + name(what.leader) + " had listened for " +
                   std::to_string(listened.count() / 1'000'000) + " ms, timeout " +
                   std::to_string(timeout.count()) + " ms");
}

// -------------------------------------------------------------------- digests

void ensemble_watch::inspect_all() {
  ++token_;
  for (auto& [id, one] : members_) {
    one.inspection.reset();
    one.tree.send(role::tree::inspect{lane, token_});
  }
}

void ensemble_watch::inspected(server_id who, const role::tree::inspection& all) {
  if (all.token == token_) members_[who].inspection = all;
}

std::optional<bool> ensemble_watch::all_equal() {
  const role::tree::inspection* first = nullptr;
  server_id first_id;
  bool equal = true;
  for (const auto& [id, one] : members_) {
    if (!one.inspection) return std::nullopt;
    const auto& mine = *one.inspection;
    if (!first) {
      first = &mine;
      first_id = id;
    }
    if (mine.applied != first->applied) {
      equal = false;
    } else if (mine.digest != first->digest || mine.node_count != first->node_count) {
      facts_.violation("the trees of " + name(first_id) + " and " + name(id) +
                       " are different at " + hex(mine.applied));
    }
  }
  return equal;
}

}  // namespace troupe::test
