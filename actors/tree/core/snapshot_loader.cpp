#include "actors/tree/core/snapshot_loader.hpp"

#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/digest.hpp"

namespace troupe::tree {

snapshot_loader::snapshot_loader(state& into, zxid at, std::uint64_t digest)
    : state_(into), at_(at), digest_(digest) {
  state_.clear();
}

std::string snapshot_loader::add(const snapshot::record& record) {
  if (complete_) return "the snapshot goes on after its end";
  if (!has_header_ && !std::holds_alternative<snapshot::header>(record))
    return "the snapshot does not begin with its header";
  return std::visit([&](const auto& r) { return add_one(r); }, record);
}

std::string snapshot_loader::add_one(const snapshot::header& r) {
  if (has_header_) return "the snapshot has two headers";
  if (r.zxid != at_) return "the snapshot is of another transaction than it was announced for";
  has_header_ = true;
  state_.nodes_.reserve(r.nodes);
  return {};
}

std::string snapshot_loader::add_one(const snapshot::secret& r) {
  state_.digest_ += secret_hash(r.key) - secret_hash(state_.secret_);
  state_.secret_ = r.key;
  return {};
}

std::string snapshot_loader::add_one(const snapshot::session& r) {
  if (!r.id || state_.sessions_.find(r.id)) return "the snapshot has a session twice or without id";
  state_.sessions_.open(r.id, r.timeout);
  state_.sessions_.wrote(r.id, r.newest.server, r.newest.at);
  state_.digest_ += session_hash(r.id, r.timeout);
  return {};
}

std::string snapshot_loader::add_one(const snapshot::request& r) {
  if (!state_.sessions_.find(r.session))
    return "the snapshot has a request of a session that is not there";
  state_.remember(r.session, r.what);
  return {};
}

std::string snapshot_loader::add_one(const snapshot::access_list& r) {
  const bool is_new = lists_.emplace(r.number, r.list).second;
  return is_new ? std::string{} : "the snapshot has an access control list twice";
}

node* snapshot_loader::place_for(const snapshot::znode& r) {
  if (r.path == "/")
    return has_root_ || r.kind != node_kind::persistent ? nullptr : &state_.nodes_.root();
  if (!has_root_ || r.path.empty() || r.path.front() != '/') return nullptr;
  const auto parent_at = parent_path(r.path);
  // Siblings mostly come together.
  if (!last_parent_ || last_parent_path_ != parent_at) {
    last_parent_path_ = parent_at;
    last_parent_ = state_.nodes_.find(parent_at);
  }
  const auto name = base_name(r.path);
  if (!last_parent_ || name.empty() || name.size() > node::max_name_size ||
      state_.nodes_.child(*last_parent_, name))
    return nullptr;
  return &state_.nodes_.insert(*last_parent_, name, r.kind, r.owner_or_ttl);
}

std::string snapshot_loader::add_one(const snapshot::znode& r) {
  const auto list = lists_.find(r.acl);
  if (list == lists_.end())
    return "the snapshot's node " + std::string{r.path} +
           " uses an access control list that is not there";
  if (r.kind == node_kind::ephemeral &&
      !state_.sessions_.own(session_id{r.owner_or_ttl}, std::string{r.path}))
    return "the snapshot's node " + std::string{r.path} + " belongs to a session that is not there";
  node* made = place_for(r);
  if (!made)
    return "the snapshot's node " + std::string{r.path} + " has no parent or is there twice";
  made->czxid = r.czxid;
  made->mzxid = r.mzxid;
  made->ctime_ms = r.ctime_ms;
  made->mtime_ms = r.mtime_ms;
  made->version = r.version;
  made->aversion = r.aversion;
  made->acl = state_.acls_.acquire(list->second);
  state_.nodes_.set_children_changed(*made, r.children_created, r.pzxid);
  if (r.has_data) state_.nodes_.set_data(*made, r.data);
  has_root_ = true;
  state_.enrol(*made, r.path);
  return {};
}

std::string snapshot_loader::add_one(const snapshot::end& r) {
  if (!has_root_) return "the snapshot has no root node";
  if (r.nodes != state_.nodes_.size() || r.sessions != state_.sessions_.size())
    return "the snapshot has another number of nodes or sessions than it says";
  if (r.digest != state_.digest_ || digest_ != state_.digest_)
    return "the snapshot's content does not come to its digest";
  rebuild_quotas();
  state_.set_applied(at_);
  complete_ = true;
  return {};
}

void snapshot_loader::rebuild_quotas() {
  const node* top = state_.find(quota_root);
  for (const node* n = top; n; n = state_.nodes_.next_in_preorder(*n, top))
    if (n->name() == quota_limits_name || n->name() == quota_stats_name)
      state_.register_quota(state_.nodes_.path_of(*n));
}

}  // namespace troupe::tree
