#include "actors/tree/core/checks.hpp"

#include <limits>
#include <utility>

#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/access.hpp"

namespace troupe::tree {
namespace {

constexpr std::int64_t max_ttl_ms = (std::int64_t{1} << 40) - 1;

error_code check_session(const check_context& in) {
  const bool fine = !in.session || in.pending.is_open(in.session);
  return fine ? error_code::ok : error_code::session_expired;
}

/// The rough test of create and delete; what else is wrong with a path shows as a missing parent.
bool has_parent(std::string_view path) noexcept {
  return path.find('/') != std::string_view::npos && path.find('\0') == std::string_view::npos;
}

bool version_fits(std::int32_t wanted, std::int32_t actual) noexcept {
  return wanted == any_version || wanted == actual;
}

/// Versions wrap around, but never become the one that means "any".
std::int32_t next_version(std::int32_t version) noexcept {
  const auto next = static_cast<std::int32_t>(static_cast<std::uint32_t>(version) + 1U);
  return next == any_version ? 0 : next;
}

error_code check_create_mode(const check_context& in, const create_op& op) {
  if (op.kind == node_kind::ttl) {
    if (!in.options.extended_types) return error_code::unimplemented;
    if (op.ttl_ms < 1 || op.ttl_ms > max_ttl_ms) return error_code::bad_arguments;
  } else if (op.ttl_ms >= 0) {
    return error_code::bad_arguments;
  }
  if (const auto error = check_session(in); error != error_code::ok) return error;
  if (op.kind == node_kind::ephemeral && !in.session) return error_code::session_expired;
  return error_code::ok;
}

/// Guards are asked last, so that they see only what would happen.
error_code ask_guards(const check_context& in, mount_guard::write::kind what, std::string_view path,
                      const create_op* creation = nullptr) {
  if (!in.guards) [[likely]]
    return error_code::ok;
  return in.guards->ask({what, path, creation && creation->sequential,
                         creation ? creation->kind : node_kind::persistent, in.session});
}

/// Hard limits refuse; soft ones only inform. Usage is that of the applied state, so a burst in
/// flight can overshoot, as in ZooKeeper.
bool fits_quota(const check_context& in, std::string_view path, std::int64_t count,
                std::int64_t bytes) {
  if (!in.options.enforce_quota) return true;
  const auto subject = in.committed.quotas().deepest_limits(path);
  if (subject.empty()) return true;
  std::string limits_path{quota_root};
  limits_path.append(subject).append("/").append(quota_limits_name);
  const node* holder = in.committed.find(limits_path);
  const auto* quota = in.committed.quotas().find(subject);
  if (!holder || !quota) return true;
  const auto limits = parse_quota_limits(in.committed.nodes().data(*holder));
  const auto exceeds = [](std::int64_t hard, std::int64_t used, std::int64_t more) {
    return hard > -1 && more > 0 && used + more > hard;
  };
  return !exceeds(limits.count_hard, quota->usage.count, count) &&
         !exceeds(limits.bytes_hard, quota->usage.bytes, bytes);
}

}  // namespace

bool is_special(std::string_view path) noexcept {
  return path == "/" || path == "/zookeeper" || path == "/zookeeper/quota" ||
         path == "/zookeeper/config";
}

void draft_deletion(overlay& pending, std::string_view path, node_view&& node) {
  draft_deletion(pending, path, std::move(node), pending.look(parent_path(path)));
}

void draft_deletion(overlay& pending, std::string_view path, node_view&& node, node_view&& parent) {
  --parent.num_children;
  parent.children_at = pending.draft_at().counter();
  node.exists = false;
  node.data = {};
  pending.put_child(parent_path(path), std::move(parent), path, std::move(node));
}

error_code check_and_draft(const check_context& in, create_op& op, std::vector<txn_change>& into) {
  if (const auto error = check_create_mode(in, op); error != error_code::ok) return error;
  if (!has_parent(op.path)) return error_code::bad_arguments;
  auto fixed = fix_up(std::move(op.acl), in.who, in.options.schemes);
  if (!fixed) return error_code::invalid_acl;
  auto parent = in.pending.look(parent_path(op.path));
  if (!parent.exists) return error_code::no_node;
  if (!is_allowed(*parent.acl, permission_create, in.who)) return error_code::no_auth;
  auto path = std::move(op.path);
  if (op.sequential) path += sequence_suffix(parent.children_created);
  if (!is_valid_path(path) || base_name(path).size() > node::max_name_size)
    return error_code::bad_arguments;
  if (in.pending.exists(path)) return error_code::node_exists;
  if (parent.kind == node_kind::ephemeral) return error_code::no_children_for_ephemerals;
  const auto length = static_cast<std::int64_t>(op.data.size());
  if (!fits_quota(in, path, 1, length)) return error_code::quota_exceeded;
  if (const auto error = ask_guards(in, mount_guard::write::kind::create, path, &op);
      error != error_code::ok)
    return error;

  const auto at = in.pending.draft_at().counter();
  parent.children_created =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(parent.children_created) + 1U);
  ++parent.num_children;
  parent.children_at = at;
  node_view made;
  made.exists = true;
  made.kind = op.kind;
  if (op.kind == node_kind::ephemeral) made.owner = in.session;
  made.data_length = length;
  made.created_at = made.data_at = made.children_at = at;
  made.data = op.data;
  made.give_acl(in.committed.shared(*fixed));
  change::create_node change{{},
                             std::move(op.data),
                             *std::move(fixed),
                             op.kind,
                             op.kind == node_kind::ttl ? op.ttl_ms : -1,
                             made.owner,
                             parent.children_created};
  in.pending.put_child(parent_path(path), std::move(parent), path, std::move(made));
  change.path = std::move(path);
  into.emplace_back(std::move(change));
  return error_code::ok;
}

error_code check_and_draft(const check_context& in, delete_op& op, std::vector<txn_change>& into) {
  if (const auto error = check_session(in); error != error_code::ok) return error;
  if (!has_parent(op.path) || is_special(op.path)) return error_code::bad_arguments;
  auto parent = in.pending.look(parent_path(op.path));
  if (!parent.exists) return error_code::no_node;
  if (!is_allowed(*parent.acl, permission_delete, in.who)) return error_code::no_auth;
  auto node = in.pending.look(op.path);
  if (!node.exists) return error_code::no_node;
  if (!version_fits(op.version, node.version)) return error_code::bad_version;
  if (node.num_children > 0) return error_code::not_empty;
  if (const auto error = ask_guards(in, mount_guard::write::kind::remove, op.path);
      error != error_code::ok)
    return error;
  draft_deletion(in.pending, op.path, std::move(node), std::move(parent));
  into.emplace_back(change::delete_node{std::move(op.path)});
  return error_code::ok;
}

error_code check_and_draft(const check_context& in, set_data_op& op,
                           std::vector<txn_change>& into) {
  if (const auto error = check_session(in); error != error_code::ok) return error;
  if (!is_valid_path(op.path)) return error_code::bad_arguments;
  auto node = in.pending.look(op.path);
  if (!node.exists) return error_code::no_node;
  if (!is_allowed(*node.acl, permission_write, in.who)) return error_code::no_auth;
  const auto length = static_cast<std::int64_t>(op.data.size());
  if (!fits_quota(in, op.path, 0, length - node.data_length)) return error_code::quota_exceeded;
  if (!version_fits(op.version, node.version)) return error_code::bad_version;
  if (const auto error = ask_guards(in, mount_guard::write::kind::set_data, op.path);
      error != error_code::ok)
    return error;
  node.version = next_version(node.version);
  node.data_length = length;
  node.data_at = in.pending.draft_at().counter();
  node.data = op.data;
  const auto version = node.version;
  in.pending.put(op.path, std::move(node));
  into.emplace_back(change::set_data{std::move(op.path), std::move(op.data), version});
  return error_code::ok;
}

error_code check_and_draft(const check_context& in, set_acl_op& op, std::vector<txn_change>& into) {
  if (const auto error = check_session(in); error != error_code::ok) return error;
  if (!is_valid_path(op.path)) return error_code::bad_arguments;
  auto fixed = fix_up(std::move(op.acl), in.who, in.options.schemes);
  if (!fixed) return error_code::invalid_acl;
  auto node = in.pending.look(op.path);
  if (!node.exists) return error_code::no_node;
  if (!is_allowed(*node.acl, permission_admin, in.who)) return error_code::no_auth;
  if (!version_fits(op.version, node.aversion)) return error_code::bad_version;
  if (const auto error = ask_guards(in, mount_guard::write::kind::set_acl, op.path);
      error != error_code::ok)
    return error;
  node.aversion = next_version(node.aversion);
  node.give_acl(in.committed.shared(*fixed));
  into.emplace_back(change::set_acl{op.path, *std::move(fixed), node.aversion});
  in.pending.put(op.path, std::move(node));
  return error_code::ok;
}

error_code check_and_draft(const check_context& in, check_op& op, std::vector<txn_change>& into) {
  if (const auto error = check_session(in); error != error_code::ok) return error;
  if (!is_valid_path(op.path)) return error_code::bad_arguments;
  const auto node = in.pending.look(op.path);
  if (!node.exists) return error_code::no_node;
  if (!is_allowed(*node.acl, permission_read, in.who)) return error_code::no_auth;
  if (!version_fits(op.version, node.version)) return error_code::bad_version;
  into.emplace_back(change::checked{std::move(op.path)});
  return error_code::ok;
}

}  // namespace troupe::tree
