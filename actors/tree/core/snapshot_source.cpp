#include "actors/tree/core/snapshot_source.hpp"

#include <utility>
#include <vector>

#include <troupe/base/check.hpp>

namespace troupe::tree {

snapshot_source::snapshot_source(state& of, consumer take)
    : state_(of), take_(std::move(take)), at_(of.applied()),
      mark_(static_cast<std::uint8_t>(of.snapshot_mark_ + 1)), end_{of.nodes().size(),
                                                                    of.sessions().size(),
                                                                    of.digest()},
      cursor_(&of.nodes_.root()) {
  TROUPE_CHECK(!of.observer_, "one snapshot at a time");
  of.observer_ = this;
  of.snapshot_mark_ = mark_;
  take_(snapshot::header{at_, end_.nodes});
  take_(snapshot::secret{of.secret()});
  for (const auto& [id, session] : of.sessions().all()) {
    take_(snapshot::session{id, session.timeout, session.newest});
    if (!session.requests) continue;
    for (const auto& one : session.requests->all())
      take_(snapshot::request{id, one});
  }
}

snapshot_source::~snapshot_source() {
  state_.observer_ = nullptr;
  if (!cursor_) {
    state_.unfinished_snapshots_ = 0;
    return;
  }
  // Marks of snapshots that were given up stay behind. Before a number comes again, a walk over all
  // nodes takes them away.
  if (++state_.unfinished_snapshots_ < 255) return;
  state_.unfinished_snapshots_ = 0;
  for (node* n = &state_.nodes_.root(); n; n = state_.nodes_.next_in_preorder(*n))
    n->set_snapshot_mark(mark_);
}

bool snapshot_source::advance() {
  if (!cursor_) {
    if (std::exchange(ended_, true)) return false;
    take_(end_);
    return true;
  }
  node& here = *std::exchange(cursor_, state_.nodes_.next_in_preorder(*cursor_));
  if (!passed(here)) give(here);
  return true;
}

void snapshot_source::about_to_change(node& which, bool vanishes) {
  std::vector<node*> missing;
  for (node* n = &which; n && !passed(*n); n = state_.nodes_.parent(*n))
    missing.push_back(n);
  while (!missing.empty()) {
    give(*missing.back());
    missing.pop_back();
  }
  if (!vanishes) return;
  if (cursor_ == &which) cursor_ = state_.nodes_.next_in_preorder(which);
  if (path_parent_ == &which) path_parent_ = nullptr;
}

std::string_view snapshot_source::path_of(const node& which) {
  const node* const parent = state_.nodes_.parent(which);
  if (!parent) return "/";
  if (parent != path_parent_) {
    path_parent_ = parent;
    path_ = parent == &state_.nodes_.root() ? std::string{} : state_.nodes_.path_of(*parent);
    path_ += '/';
    parent_size_ = path_.size();
  }
  path_.resize(parent_size_);
  return path_ += which.name();
}

void snapshot_source::give(node& which) {
  const auto& nodes = state_.nodes_;
  if (lists_given_.insert(which.acl).second)
    take_(snapshot::access_list{which.acl, *state_.acl_of(which).list});
  snapshot::znode record;
  record.path = path_of(which);
  record.kind = which.kind();
  record.owner_or_ttl = which.kind() == node_kind::ephemeral
                            ? which.owner().value
                            : static_cast<std::uint64_t>(which.ttl_ms());
  record.czxid = which.czxid;
  record.mzxid = which.mzxid;
  record.pzxid = nodes.pzxid(which);
  record.ctime_ms = which.ctime_ms;
  record.mtime_ms = which.mtime_ms;
  record.version = which.version;
  record.children_created = nodes.children_created(which);
  record.aversion = which.aversion;
  record.acl = which.acl;
  record.has_data = nodes.has_data(which);
  record.data = nodes.data(which);
  which.set_snapshot_mark(mark_);
  take_(record);
}

}  // namespace troupe::tree
