#include "actors/tree/core/state.hpp"

#include <utility>

#include <troupe/base/check.hpp>
#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/digest.hpp"

namespace troupe::tree {

/// While it lives, the node's fields (not its data) may be changed. The observer is told before.
class state::edit {
public:
  edit(state& owner, node& which, std::string_view path)
      : owner_(owner), which_(which), place_(place_hash(path)) {
    if (owner_.observer_) owner_.observer_->about_to_change(which_, false);
    owner_.digest_ -= fields_hash(place_, owner_.nodes_, which_, owner_.acl_of(which_).hash);
  }
  ~edit() {
    owner_.digest_ += fields_hash(place_, owner_.nodes_, which_, owner_.acl_of(which_).hash);
  }
  edit(const edit&) = delete;
  edit& operator=(const edit&) = delete;

  [[nodiscard]] std::uint64_t place() const noexcept { return place_; }

private:
  state& owner_;
  node& which_;
  std::uint64_t place_;
};

state::state() {
  const acl open{{permission_all, {"world", "anyone"}}};
  nodes_.set_data(nodes_.root(), blob{std::string_view{}});
  nodes_.root().acl = acls_.acquire(open);
  enrol(nodes_.root(), "/");
  insert_built_in("/zookeeper", permission_all, 0);
  insert_built_in("/zookeeper/config", permission_read, -1);
  insert_built_in("/zookeeper/quota", permission_all, 0);
}

void state::clear() {
  TROUPE_CHECK(!observer_, "a snapshot in progress ends before its state does");
  TROUPE_CHECK(!listings_, "lists of children are given up before their state goes");
  snapshot_mark_ = unfinished_snapshots_ = 0;
  nodes_.clear();
  acls_.clear();
  sessions_.clear();
  secret_.clear();
  quotas_.clear();
  reapable_.clear();
  applied_ = {};
  digest_ = ephemeral_count_ = approximate_bytes_ = 0;
}

void state::insert_built_in(std::string_view path, std::int32_t permissions,
                            std::int32_t aversion) {
  node& made =
      nodes_.insert(*nodes_.find(parent_path(path)), base_name(path), node_kind::persistent, 0);
  nodes_.set_data(made, blob{std::string_view{}});
  made.aversion = aversion;
  made.acl = acls_.acquire({{permissions, {"world", "anyone"}}});
  enrol(made, path);
}

void state::enrol(node& which, std::string_view path) {
  const auto place = place_hash(path);
  digest_ += node_hash(place, which);
  approximate_bytes_ += path.size() + nodes_.data(which).size();
  if (which.kind() == node_kind::ephemeral) ++ephemeral_count_;
  if (which.kind() == node_kind::container || which.kind() == node_kind::ttl)
    reapable_.insert(&which);
}

std::uint64_t state::node_hash(std::uint64_t place, const node& which) const {
  return fields_hash(place, nodes_, which, acl_of(which).hash) +
         data_hash(place, nodes_.data(which), !nodes_.has_data(which));
}

void state::dismiss(const node& which, const std::string& path) {
  const auto place = place_hash(path);
  digest_ -= node_hash(place, which);
  approximate_bytes_ -= path.size() + nodes_.data(which).size();
  if (which.kind() == node_kind::ephemeral) {
    --ephemeral_count_;
    sessions_.disown(which.owner(), path);
  }
  reapable_.erase(&which);
}

state::fault state::apply(const change::create_node& c, zxid at, wall_time now,
                          const node*& which) {
  const auto parent_at = parent_path(c.path);
  node* parent = nodes_.find(parent_at);
  if (!parent) return "the parent of a created node does not exist";
  const auto name = base_name(c.path);
  if (name.empty() || nodes_.child(*parent, name)) return "a created node exists already";
  const bool ephemeral = c.kind == node_kind::ephemeral;
  if (ephemeral && !sessions_.own(c.owner, c.path))
    return "the owner of a created ephemeral node does not exist";
  node* made = nullptr;
  {
    const edit change{*this, *parent, parent_at};
    made = &nodes_.insert(*parent, name, c.kind,
                          ephemeral ? c.owner.value : static_cast<std::uint64_t>(c.ttl_ms));
    nodes_.set_children_changed(*parent, c.parent_children_created, at);
  }
  made->set_snapshot_mark(snapshot_mark_);
  made->czxid = made->mzxid = at;
  made->ctime_ms = made->mtime_ms = now.ms;
  nodes_.set_data(*made, c.data);
  made->acl = acls_.acquire(c.acl);
  enrol(*made, c.path);
  quotas_.adjust(c.path, 1, static_cast<std::int64_t>(c.data.size()));
  register_quota(c.path);
  which = made;
  return nullptr;
}

state::fault state::apply(const change::delete_node& c, zxid at, acl_pointer& list) {
  node* which = nodes_.find(c.path);
  if (!which || which == &nodes_.root()) return "a deleted node does not exist";
  if (nodes_.first_child(*which)) return "a deleted node has children";
  node& parent = *nodes_.parent(*which);
  const edit change{*this, parent, parent_path(c.path)};
  if (observer_) observer_->about_to_change(*which, true);
  if (listings_) listings_->about_to_change(*which, true);
  dismiss(*which, c.path);
  quotas_.adjust(c.path, -1, -static_cast<std::int64_t>(nodes_.data(*which).size()));
  if (const auto& entry = acl_of(*which); (entry.anyone_may & permission_read) == 0)
    list = entry.list;
  acls_.release(which->acl);
  nodes_.erase(*which);
  nodes_.set_children_changed(parent, nodes_.children_created(parent), at);
  if (const auto quota = quota_place_of(c.path)) quotas_.remove(quota->subject, quota->kind);
  return nullptr;
}

state::fault state::apply(const change::set_data& c, zxid at, wall_time now, const node*& which) {
  node* const changed = nodes_.find(c.path);
  if (!changed) return "a node whose data is set does not exist";
  which = changed;
  const edit change{*this, *changed, c.path};
  digest_ += data_hash(change.place(), c.data.view(), c.data.is_null()) -
             data_hash(change.place(), nodes_.data(*changed), !nodes_.has_data(*changed));
  const auto more = static_cast<std::int64_t>(c.data.size()) -
                    static_cast<std::int64_t>(nodes_.data(*changed).size());
  approximate_bytes_ += static_cast<std::uint64_t>(more);
  quotas_.adjust(c.path, 0, more);
  nodes_.set_data(*changed, c.data);
  changed->version = c.version;
  changed->mzxid = at;
  changed->mtime_ms = now.ms;
  return nullptr;
}

state::fault state::apply(const change::set_acl& c, const node*& which) {
  node* const changed = nodes_.find(c.path);
  if (!changed) return "a node whose access control list is set does not exist";
  which = changed;
  const edit change{*this, *changed, c.path};
  const auto old = std::exchange(changed->acl, acls_.acquire(c.acl));
  acls_.release(old);
  changed->aversion = c.aversion;
  return nullptr;
}

state::fault state::apply(const change::create_session& c) {
  if (!c.session) return "a created session has no id";
  if (const auto* known = sessions_.find(c.session))
    digest_ -= session_hash(c.session, known->timeout);
  sessions_.open(c.session, c.timeout);
  digest_ += session_hash(c.session, c.timeout);
  return nullptr;
}

state::fault state::apply(const change::close_session& c) {
  const auto* known = sessions_.find(c.session);
  if (!known) return "a closed session does not exist";
  if (!known->ephemerals.empty()) return "a closed session still owns ephemeral nodes";
  if (known->requests)
    for (const auto& one : known->requests->all())
      digest_ -= request_hash(c.session, one);
  digest_ -= session_hash(c.session, known->timeout);
  sessions_.close(c.session);
  return nullptr;
}

state::fault state::apply(const change::set_secret& c) {
  digest_ += secret_hash(c.secret) - secret_hash(secret_);
  secret_ = c.secret;
  return nullptr;
}

void state::remember(session_id session, remembered_request request) {
  auto* const window = sessions_.window(session);
  if (!window) return;
  digest_ += request_hash(session, request);
  window->add(std::move(request),
              [&](const remembered_request& gone) { digest_ -= request_hash(session, gone); });
}

void state::register_quota(std::string_view path) {
  if (const auto quota = quota_place_of(path))
    quotas_.add(quota->subject, quota->kind, usage_below(quota->subject));
}

quota_usage state::usage_below(std::string_view subject) const {
  quota_usage usage;
  const node* top = find(subject);
  for (const node* n = top; n; n = nodes_.next_in_preorder(*n, top)) {
    ++usage.count;
    usage.bytes += static_cast<std::int64_t>(nodes_.data(*n).size());
  }
  return usage;
}

blob state::data_of(const node& which) const {
  if (const auto* usage = usage_shown_by(which)) return blob{std::string_view{to_text(*usage)}};
  return nodes_.share_data(which);
}

const quota_usage* state::usage_shown_by(const node& which) const {
  if (quotas_.empty() || which.name() != quota_stats_name) return nullptr;
  const auto path = nodes_.path_of(which);
  const auto place = quota_place_of(path);
  const auto* quota = place ? quotas_.find(place->subject) : nullptr;
  return quota ? &quota->usage : nullptr;
}

stat state::stat_of(const node& which) const {
  stat s;
  s.czxid = which.czxid;
  s.mzxid = which.mzxid;
  s.ctime_ms = which.ctime_ms;
  s.mtime_ms = which.mtime_ms;
  s.version = which.version;
  // Creations plus deletions, in arithmetic that wraps as ZooKeeper's does.
  s.num_children = nodes_.num_children(which);
  s.cversion =
      static_cast<std::int32_t>(2U * static_cast<std::uint32_t>(nodes_.children_created(which)) -
                                static_cast<std::uint32_t>(s.num_children));
  s.aversion = which.aversion;
  s.ephemeral_owner = which.owner();
  const auto* usage = usage_shown_by(which);
  s.data_length =
      static_cast<std::int32_t>(usage ? to_text(*usage).size() : nodes_.data(which).size());
  s.pzxid = nodes_.pzxid(which);
  return s;
}

std::uint64_t state::recomputed_digest() const {
  std::uint64_t sum = secret_hash(secret_);
  for (const node* n = &nodes_.root(); n; n = nodes_.next_in_preorder(*n))
    sum += node_hash(place_hash(nodes_.path_of(*n)), *n);
  for (const auto& [id, session] : sessions_.all()) {
    sum += session_hash(id, session.timeout);
    if (!session.requests) continue;
    for (const auto& one : session.requests->all())
      sum += request_hash(id, one);
  }
  return sum;
}

}  // namespace troupe::tree
