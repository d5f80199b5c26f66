#include "actors/tree/core/snapshot_source.hpp"

#include <utility>
#include <vector>

#include <troupe/base/check.hpp>

namespace troupe::tree {
snapshot_source::snapshot_source(state& of)
    : state_(of), at_(of.applied()),
      mark_(static_cast<std::uint8_t>(of.snapshot_mark_ + 1)), end_{of.nodes().size(), of.sessions().size(), of.digest()},
      cursor_(&of.nodes_.root()) {
  TROUPE_CHECK(!of.observer_, "one snapshot at a time");
  of.observer_ = this;
  of.snapshot_mark_ = mark_;
  ready_.emplace_back(snapshot::header{at_});
  ready_.emplace_back(snapshot::secret{of.secret()});
  for (const auto& [id, session] : of.sessions().all())
    ready_.emplace_back(snapshot::session{id, session.timeout});
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

std::optional<snapshot::record> snapshot_source::next() {
  while (ready_.empty() && cursor_) {
    node& here = *std::exchange(cursor_, state_.nodes_.next_in_preorder(*cursor_));
    if (!passed(here)) give(here);
  }
  if (ready_.empty()) {
    if (std::exchange(ended_, true)) return std::nullopt;
    return end_;
  }
  auto record = std::move(ready_.front());
  ready_.pop_front();
  return record;
}

void snapshot_source::about_to_change(node& which, bool vanishes) {
  std::vector<node*> missing;
  for (node* n = &which; n && !passed(*n); n = state_.nodes_.parent(*n))
    missing.push_back(n);
  while (!missing.empty()) {
    give(*missing.back());
    missing.pop_back();
  }
  if (vanishes && cursor_ == &which) cursor_ = state_.nodes_.next_in_preorder(which);
}

void snapshot_source::give(node& which) {
  if (lists_given_.insert(which.acl).second)
    ready_.emplace_back(snapshot::access_list{which.acl, *state_.acl_of(which).list});
  snapshot::znode record;
  record.path = state_.nodes_.path_of(which);
  record.kind = which.kind();
  record.owner_or_ttl = which.kind() == node_kind::ephemeral
                            ? which.owner().value
                            : static_cast<std::uint64_t>(which.ttl_ms());
  record.czxid = which.czxid;
  record.mzxid = which.mzxid;
  record.pzxid = state_.nodes_.pzxid(which);
  record.ctime_ms = which.ctime_ms;
  record.mtime_ms = which.mtime_ms;
  record.version = which.version;
  record.children_created = state_.nodes_.children_created(which);
  record.aversion = which.aversion;
  record.acl = which.acl;
  record.data = state_.nodes_.share_data(which);
  which.set_snapshot_mark(mark_);
  ready_.emplace_back(std::move(record));
}

}  // namespace troupe::tree
