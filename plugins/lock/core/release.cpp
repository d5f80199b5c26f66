#include "core/release.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace locks {

namespace {

void remove(troupe::decision_tree& tree, const std::string& path) {
  const auto error = tree.remove(path, troupe::any_version);
  if (error != troupe::error_code::ok)
    throw troupe::decision_refused(error,
                                   path + " cannot be deleted: " + std::string{to_string(error)});
}

refusal not_held(const std::string& path, troupe::zxid token) {
  return {refusal_kind::not_held,
          path + " is not held with the token " + to_string(token) + " by the caller"};
}

/// The holder with this token, or why there is none.
answer_or_refusal<holder> current(troupe::decision_tree& tree, const mount_rules& rules,
                                  const std::string& path, troupe::zxid token) {
  if (auto wrong = check_path(rules, path)) return *std::move(wrong);
  const auto queue = claims::read(tree, rules.how, path);
  if (!queue) return queue.error();
  auto found = queue.value().holder_of(tree, token);
  if (!found) return not_held(path, token);
  return *std::move(found);
}

/// Whether all of this is as it was when it was noticed.
bool all_so(troupe::decision_tree& tree, const mount_rules& rules,
            const std::vector<blocking>& edges) {
  return std::all_of(edges.begin(), edges.end(), [&](const blocking& edge) {
    const auto queue = claims::read(tree, rules.how, edge.path);
    if (!queue) return false;
    bool waits = false;
    bool holds = false;
    for (const auto& one : queue.value().all()) {
      waits = waits || (one.name == edge.waiter && !one.holds);
      holds = holds || (one.name == edge.holder && one.holds);
    }
    return waits && holds;
  });
}

void append_state(troupe::decision_tree& tree, const mount_rules& rules, const std::string& path,
                  std::vector<lock_state>& states) {
  if (auto state = look(tree, rules, path)) states.push_back(*std::move(state));
}

answer_or_refusal<release_done> give_back(troupe::decision_tree& tree, const mount_rules& rules,
                                          const std::string& path, const holder& from) {
  remove(tree, below(path, from.name));
  auto after = look(tree, rules, path);
  if (!after) return after.error();
  return release_done{true, *std::move(after)};
}

}  // namespace

answer_or_refusal<lock_state> look(troupe::decision_tree& tree, const mount_rules& rules,
                                   const std::string& path) {
  const auto queue = claims::read(tree, rules.how, path);
  if (!queue) return queue.error();
  return lock_state{path, queue.value().holders(tree)};
}

answer_or_refusal<release_done> release(troupe::decision_tree& tree, const mount_rules& rules,
                                        const release_ask& ask) {
  const auto now = current(tree, rules, ask.path, ask.token);
  if (now) {
    if (now.value().session != ask.session) return not_held(ask.path, ask.token);
    return give_back(tree, rules, ask.path, now.value());
  }
  if (now.error().kind != refusal_kind::not_held) return now.error();
  // A token that was ever given is the zxid of a change of the lock's list of claims. A lock that
  // is not there any more has forgotten to whom it was given.
  const auto lock = tree.node(ask.path);
  if (ask.token.value == 0 || (lock && ask.token > lock->stat.pzxid)) return now.error();
  auto after = look(tree, rules, ask.path);
  if (!after) return after.error();
  return release_done{false, *std::move(after)};
}

answer_or_refusal<release_done> take_away(troupe::decision_tree& tree, const mount_rules& rules,
                                          const std::string& path, troupe::zxid token) {
  const auto now = current(tree, rules, path, token);
  if (!now) return now.error();
  return give_back(tree, rules, path, now.value());
}

answer_or_refusal<withdraw_done> withdraw(troupe::decision_tree& tree, const mount_rules& rules,
                                          const withdraw_ask& ask) {
  withdraw_done done;
  if (!ask.even_if_held) {
    if (auto held = held_already(tree, rules, ask.ask)) {
      done.held = true;
      done.locks = *std::move(held);
      return done;
    }
  }
  done.withdrawn = all_so(tree, rules, ask.only_if);
  const auto id = claim_id(ask.ask.who, ask.ask.request);
  for (const auto& one : ask.ask.locks) {
    const auto queue = claims::read(tree, rules.how, one.path);
    const auto* const own = queue ? queue.value().find(id) : nullptr;
    if (own != nullptr && done.withdrawn) remove(tree, below(one.path, own->name));
    append_state(tree, rules, one.path, done.after);
  }
  return done;
}

answer_or_refusal<transfer_done> transfer(troupe::decision_tree& tree, const mount_rules& rules,
                                          const transfer_ask& ask) {
  const auto& path = ask.from.path;
  const auto now = current(tree, rules, path, ask.from.token);
  if (!now) return now.error();
  if (now.value().session != ask.from.session) return not_held(path, ask.from.token);
  if (!tree.is_open(ask.to.session))
    return refusal{refusal_kind::session_lost, "the session that is to get " + path + " is gone"};
  const auto queue = claims::read(tree, rules.how, path);
  const auto digits = party_digits(ask.to);
  transfer_done done;
  claim_name place;
  auto id = claim_id(ask.to, ask.request, 1);
  for (const auto& one : queue.value().all()) {
    if (one.name == now.value().name) place = one.parsed;
    if (!made_by(one.parsed.id, digits)) continue;
    if (one.holds)
      return refusal{refusal_kind::bad_request, "the other party holds " + path + " already"};
    done.replaced = one.name;
    id = one.parsed.id;  // by which a retry of its own request looks for it
  }
  remove(tree, below(path, now.value().name));
  if (!done.replaced.empty()) remove(tree, below(path, done.replaced));
  auto wanted = claim_prefix(rules.how, place.kind, id) + troupe::sequence_suffix(place.sequence);
  make_claim(tree, below(path, wanted), false, ask.to.session, ask.data);
  done.given = {path, std::move(wanted), tree.next_zxid(), true, true, {}};
  auto after = look(tree, rules, path);
  if (!after) return after.error();
  done.after = *std::move(after);
  return done;
}

answer_or_refusal<holder> revoke(troupe::decision_tree& tree, const mount_rules& rules,
                                 const std::string& path, troupe::zxid token) {
  auto now = current(tree, rules, path, token);
  if (!now) return now;
  const auto error =
      tree.set_data(below(path, now->name), troupe::blob{revoke_request}, troupe::any_version);
  if (error != troupe::error_code::ok)
    throw troupe::decision_refused(error, below(path, now->name) + " cannot be written");
  return now;
}

answer_or_refusal<holder> proclaim(troupe::decision_tree& tree, const mount_rules& rules,
                                   const release_ask& by, std::string_view value) {
  auto now = current(tree, rules, by.path, by.token);
  if (!now) return now;
  if (now->session != by.session) return not_held(by.path, by.token);
  const auto error =
      tree.set_data(below(by.path, now->name), troupe::blob{value}, troupe::any_version);
  if (error != troupe::error_code::ok)
    throw troupe::decision_refused(error, below(by.path, now->name) + " cannot be written");
  return now;
}

}  // namespace locks
