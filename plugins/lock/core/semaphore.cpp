#include "core/semaphore.hpp"

#include <algorithm>
#include <charconv>

namespace locks {

namespace {

std::string lease_id(const mount_rules& rules, const permits_ask& ask, std::int32_t number) {
  // Where leases get sequence numbers, those of one request may share their id.
  const bool numbered = layout_of(rules.how, ask.path).sequential;
  return claim_id(ask.who, ask.request, numbered ? 0 : static_cast<std::uint32_t>(number));
}

/// The number of permits that is set; zero if there is none.
std::int32_t permits_of(troupe::decision_tree& tree, const std::string& path) {
  const auto node = tree.node(path);
  if (!node) return 0;
  const auto text = node->data.view();
  std::int32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest == text.data() + text.size() && number > 0 ? number : 0;
}

void set_permits(troupe::decision_tree& tree, const std::string& path, std::int32_t permits) {
  // Not a container: the number must outlast the last holder.
  ensure_path(tree, path, troupe::node_kind::persistent);
  const auto error =
      tree.set_data(path, troupe::blob{std::to_string(permits)}, troupe::any_version);
  if (error != troupe::error_code::ok)
    throw troupe::decision_refused(error, path + " cannot be written");
}

/// The permits that count for this call.
answer_or_refusal<std::int32_t> agreed_permits(troupe::decision_tree& tree,
                                               const permits_ask& ask) {
  const auto has = permits_of(tree, ask.path);
  if (has == 0 && ask.permits == 0)
    return refusal{refusal_kind::wrong_permits,
                   ask.path + " has no number of permits yet: name one with the call"};
  if (has != 0 && ask.permits != 0 && ask.permits != has)
    return refusal{refusal_kind::wrong_permits, ask.path + " has " + std::to_string(has) +
                                                    " permits, not " + std::to_string(ask.permits) +
                                                    ": resize it, or call with 0"};
  const auto permits = has == 0 ? ask.permits : has;
  if (ask.count > permits)
    return refusal{refusal_kind::over_limit, ask.path + " has only " + std::to_string(permits) +
                                                 " permits, " + std::to_string(ask.count) +
                                                 " were asked for"};
  return permits;
}

struct leases {
  std::size_t taken = 0;         ///< by anybody
  std::vector<std::string> own;  ///< paths of those of one request
  troupe::zxid token;            ///< of these
};

/// Foreign nodes are refused, or they are left out.
answer_or_refusal<leases> read_leases(troupe::decision_tree& tree, const mount_rules& rules,
                                      const permits_ask& ask, bool refuses_foreign) {
  leases all;
  const auto folder = layout_of(rules.how, ask.path).leases;
  std::vector<std::string> ids;
  for (std::int32_t i = 0; i < ask.count; ++i)
    ids.push_back(lease_id(rules, ask, i));
  for (const auto& name : tree.children(folder)) {
    const auto id = parse_lease(rules.how, name);
    if (!id && !refuses_foreign) continue;
    if (!id)
      return refusal{refusal_kind::foreign_node,
                     below(folder, name) + " is no lease in the mount's dialect: delete it"};
    ++all.taken;
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) continue;
    const auto node = tree.node(below(folder, name));
    if (!node || node->stat.ephemeral_owner != ask.who.session) continue;
    all.own.push_back(below(folder, name));
    all.token = node->stat.czxid;
  }
  return all;
}

/// Deletes what must be there.
void remove(troupe::decision_tree& tree, const std::string& path) {
  const auto error = tree.remove(path, troupe::any_version);
  if (error != troupe::error_code::ok)
    throw troupe::decision_refused(error, path + " cannot be deleted");
}

permits_taken take(troupe::decision_tree& tree, const mount_rules& rules, const permits_ask& ask) {
  const auto where = layout_of(rules.how, ask.path);
  ensure_path(tree, where.leases, troupe::node_kind::container);
  permits_taken now{true, tree.next_zxid(), {}, {}};
  for (std::int32_t i = 0; i < ask.count; ++i)
    now.leases.push_back(
        make_claim(tree, below(where.leases, lease_prefix(rules.how, lease_id(rules, ask, i))),
                   where.sequential, ask.who.session, ask.data));
  return now;
}

}  // namespace

std::optional<refusal> check(const mount_rules& rules, const permits_ask& ask) {
  if (auto wrong = check_path(rules, ask.path)) return wrong;
  if (ask.request == 0)
    return refusal{refusal_kind::bad_request, "a call that takes permits needs a request id"};
  if (ask.count < 1 || ask.permits < 0)
    return refusal{refusal_kind::bad_request, "at least one permit is to be asked for"};
  if (ask.count > rules.max_permits || ask.permits > rules.max_permits)
    return refusal{refusal_kind::over_limit,
                   "the mount allows " + std::to_string(rules.max_permits) + " permits at most"};
  return std::nullopt;
}

answer_or_refusal<permits_taken> acquire_permits(troupe::decision_tree& tree,
                                                 const mount_rules& rules, const permits_ask& ask) {
  if (!tree.is_open(ask.who.session))
    return refusal{refusal_kind::session_lost, "the caller's session is gone"};
  const auto all = read_leases(tree, rules, ask, true);
  if (!all) return all.error();
  if (!all.value().own.empty()) return permits_taken{true, all.value().token, all.value().own, {}};
  const auto line_path = layout_of(rules.how, ask.path).queue;
  const auto line = claims::read(tree, rules.how, line_path, claim_kind::mutex);
  if (!line) return line.error();
  const auto permits = agreed_permits(tree, ask);
  if (!permits) return permits.error();
  const auto* const own = line.value().find(claim_id(ask.who, ask.request));
  const bool first = own != nullptr ? own->holds : line.value().all().empty();
  const auto room =
      static_cast<std::int64_t>(permits.value()) - static_cast<std::int64_t>(all.value().taken);
  const bool free = first && ask.count <= room;
  if (!free && !ask.wait)
    return refusal{refusal_kind::busy, "too few permits of " + ask.path + " are free"};
  if (permits_of(tree, ask.path) == 0) set_permits(tree, ask.path, ask.permits);
  if (free) {
    if (own != nullptr) remove(tree, below(line_path, own->name));
    return take(tree, rules, ask);
  }
  if (own != nullptr) return permits_taken{false, {}, {}, below(line_path, own->name)};
  if (line.value().all().size() >= rules.max_claims)
    return refusal{refusal_kind::over_limit, "too many wait for permits of " + ask.path};
  ensure_path(tree, line_path, troupe::node_kind::container);
  const auto prefix = claim_prefix(rules.how, claim_kind::mutex, claim_id(ask.who, ask.request));
  return permits_taken{
      false, {}, {}, make_claim(tree, below(line_path, prefix), true, ask.who.session, ask.data)};
}

answer_or_refusal<bool> release_permits(troupe::decision_tree& tree, const mount_rules& rules,
                                        const release_ask& ask) {
  if (auto wrong = check_path(rules, ask.path)) return *std::move(wrong);
  const auto folder = layout_of(rules.how, ask.path).leases;
  bool found = false;
  for (const auto& name : tree.children(folder)) {
    const auto id = parse_lease(rules.how, name);
    if (!id || !is_native(*id)) continue;
    const auto node = tree.node(below(folder, name));
    if (!node || node->stat.czxid != ask.token || node->stat.ephemeral_owner != ask.session)
      continue;
    remove(tree, below(folder, name));
    found = true;
  }
  if (found) return true;
  const auto node = tree.node(folder);
  if (ask.token.value == 0 || (node && ask.token > node->stat.pzxid))
    return refusal{refusal_kind::not_held,
                   "no permits of " + ask.path + " are held with token " + to_string(ask.token)};
  return false;
}

answer_or_refusal<permits_taken> withdraw_permits(troupe::decision_tree& tree,
                                                  const mount_rules& rules, const permits_ask& ask,
                                                  bool even_if_held) {
  const auto all = read_leases(tree, rules, ask, false);
  if (!all) return all.error();
  if (!all.value().own.empty() && !even_if_held)
    return permits_taken{true, all.value().token, all.value().own, {}};
  for (const auto& path : all.value().own)
    remove(tree, path);
  const auto line_path = layout_of(rules.how, ask.path).queue;
  const auto line = claims::read(tree, rules.how, line_path);
  const auto* const own = line ? line.value().find(claim_id(ask.who, ask.request)) : nullptr;
  if (own != nullptr) remove(tree, below(line_path, own->name));
  return permits_taken{};
}

std::optional<refusal> resize(troupe::decision_tree& tree, const mount_rules& rules,
                              const std::string& path, std::int32_t permits) {
  if (auto wrong = check_path(rules, path)) return wrong;
  if (permits < 1 || permits > rules.max_permits)
    return refusal{refusal_kind::over_limit, "a semaphore of this mount has 1 to " +
                                                 std::to_string(rules.max_permits) + " permits"};
  set_permits(tree, path, permits);
  return std::nullopt;
}

}  // namespace locks
