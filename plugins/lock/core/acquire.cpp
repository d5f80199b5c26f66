#include "core/acquire.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace locks {

namespace {

/// Everybody may read the queue and, as with the clients of the dialects, everybody may delete.
const troupe::acl& open_to_all() {
  static const troupe::acl all{{troupe::permission_all, {"world", "anyone"}}};
  return all;
}

/// What the party has of one lock already, and what is to be made.
struct plan {
  taken now;
  bool make = false;
  std::optional<std::int32_t> copied_place;  ///< of the party's own write claim
  bool free = true;                          ///< what is to be made would hold at once
};

refusal cannot_change(const wanted_lock& want, claim_kind has) {
  return {refusal_kind::wrong_kind,
          "the caller's claim on " + want.path + " is of kind " + std::string{to_string(has)} +
              ": release it before asking for kind " + std::string{to_string(want.kind)}};
}

/// The claim of the party on this lock, if it is really of its session.
const claim* own_claim(troupe::decision_tree& tree, const std::string& path, const claims& queue,
                       const party& who, claim_kind kind) {
  const auto digits = party_digits(who);
  const claim* own = nullptr;
  for (const auto& one : queue.all()) {
    if (!made_by(one.parsed.id, digits)) continue;
    const auto node = tree.node(below(path, one.name));
    if (!node || node->stat.ephemeral_owner != who.session) continue;
    if (one.parsed.kind == kind) return &one;
    own = &one;
  }
  return own;
}

answer_or_refusal<plan> plan_for(troupe::decision_tree& tree, const mount_rules& rules,
                                 const wanted_lock& want, const party& who) {
  auto queue = claims::read(tree, rules.how, want.path, want.kind);
  if (!queue) return queue.error();
  const auto kind = spoken(rules.how, want.kind);
  plan next;
  next.now.path = want.path;
  const auto* const own = own_claim(tree, want.path, *queue, who, kind);
  if (own != nullptr && own->parsed.kind == kind) {
    next.now.name = own->name;
    next.now.held = own->holds;
    if (own->holds)
      next.now.token = tree.node(below(want.path, own->name))->stat.czxid;
    else
      next.now.holders = queue->holders(tree);
    return next;
  }
  next.make = true;
  if (own != nullptr) {
    const bool downgrade = own->parsed.kind == claim_kind::write && own->holds;
    if (!downgrade) return cannot_change(want, own->parsed.kind);
    next.copied_place = own->parsed.sequence;
  } else {
    next.free = queue->free_for(kind);
    if (!next.free) next.now.holders = queue->holders(tree);
  }
  if (queue->all().size() >= rules.max_claims)
    return refusal{refusal_kind::over_limit, want.path + " has " +
                                                 std::to_string(queue->all().size()) +
                                                 " claims, the most that the mount allows"};
  return next;
}

void carry_out(troupe::decision_tree& tree, const mount_rules& rules, const acquire_ask& ask,
               const wanted_lock& want, plan& next) {
  ensure_path(tree, want.path, troupe::node_kind::container);
  auto path = below(want.path, claim_prefix(rules.how, want.kind, claim_id(ask.who, ask.request)));
  const bool sequential = !next.copied_place;
  if (!sequential) path += troupe::sequence_suffix(*next.copied_place);
  const auto made = make_claim(tree, std::move(path), sequential, ask.who.session, ask.data);
  next.now.name = troupe::base_name(made);
  next.now.made = true;
  next.now.held = next.free;
  if (next.free) next.now.token = tree.next_zxid();
}

}  // namespace

bool all_held(const std::vector<taken>& locks) noexcept {
  return std::all_of(locks.begin(), locks.end(), [](const taken& one) { return one.held; });
}

bool is_below(const mount_rules& rules, std::string_view path) {
  return troupe::is_valid_path(path) && path.size() > rules.path.size() + 1 &&
         path.starts_with(rules.path) && path[rules.path.size()] == '/';
}

std::optional<refusal> check_path(const mount_rules& rules, std::string_view path) {
  if (is_below(rules, path)) return std::nullopt;
  return refusal{refusal_kind::bad_path,
                 "\"" + std::string{path} + "\" is not the path of a node below " + rules.path};
}

answer_or_refusal<acquire_ask> canonical(const mount_rules& rules, acquire_ask ask) {
  if (ask.request == 0)
    return refusal{refusal_kind::bad_request, "a call that takes locks needs a request id"};
  if (ask.locks.empty()) return refusal{refusal_kind::bad_request, "no lock is named"};
  for (const auto& one : ask.locks)
    if (auto wrong = check_path(rules, one.path)) return *std::move(wrong);
  std::sort(ask.locks.begin(), ask.locks.end());
  const auto twice =
      std::adjacent_find(ask.locks.begin(), ask.locks.end(),
                         [](const auto& a, const auto& b) { return a.path == b.path; });
  if (twice != ask.locks.end())
    return refusal{refusal_kind::bad_request, twice->path + " is named twice"};
  return ask;
}

answer_or_refusal<std::vector<taken>> acquire(troupe::decision_tree& tree, const mount_rules& rules,
                                              const acquire_ask& ask) {
  if (!tree.is_open(ask.who.session))
    return refusal{refusal_kind::session_lost, "the caller's session is gone"};
  std::vector<plan> plans;
  bool free = true;
  for (const auto& want : ask.locks) {
    auto next = plan_for(tree, rules, want, ask.who);
    if (!next) return next.error();
    free = free && (next->make ? next->free : next->now.held);
    plans.push_back(std::move(*next));
  }
  if (!free && !ask.wait)
    return refusal{refusal_kind::busy, "somebody else holds what was asked for"};
  std::vector<taken> all;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].make) carry_out(tree, rules, ask, ask.locks[i], plans[i]);
    all.push_back(std::move(plans[i].now));
  }
  return all;
}

std::optional<std::vector<taken>> held_already(troupe::decision_tree& tree,
                                               const mount_rules& rules, const acquire_ask& ask) {
  std::vector<taken> all;
  for (const auto& want : ask.locks) {
    auto next = plan_for(tree, rules, want, ask.who);
    if (!next || next->make || !next->now.held) return std::nullopt;
    all.push_back(std::move(next->now));
  }
  return all;
}

void ensure_path(troupe::decision_tree& tree, std::string_view path, troupe::node_kind kind) {
  if (path == "/" || tree.node(path)) return;
  ensure_path(tree, troupe::parent_path(path), kind);
  troupe::create_op op;
  op.path = path;
  op.data = troupe::blob{std::string_view{}};
  op.acl = open_to_all();
  op.kind = kind;
  const auto made = tree.create(std::move(op), {});
  if (made.error != troupe::error_code::ok)
    throw troupe::decision_refused(made.error,
                                   "the node " + std::string{path} +
                                       " cannot be made: " + std::string{to_string(made.error)});
}

std::string make_claim(troupe::decision_tree& tree, std::string path, bool sequential,
                       troupe::session_id owner, std::string_view data) {
  troupe::create_op op;
  op.path = path;
  op.data = troupe::blob{data};
  op.acl = open_to_all();
  op.kind = troupe::node_kind::ephemeral;
  op.sequential = sequential;
  auto made = tree.create(std::move(op), owner);
  if (made.error != troupe::error_code::ok)
    throw troupe::decision_refused(made.error,
                                   path + " cannot be made: " + std::string{to_string(made.error)});
  // Clients sort the numbers as texts, or as numbers: they disagree once these are negative.
  if (sequential && made.path.size() > path.size() && made.path[path.size()] == '-')
    throw troupe::decision_refused(troupe::error_code::bad_arguments,
                                   std::string{troupe::parent_path(path)} +
                                       " has used up its sequence numbers: delete it and make it "
                                       "anew while nobody uses it");
  return std::move(made.path);
}

}  // namespace locks
