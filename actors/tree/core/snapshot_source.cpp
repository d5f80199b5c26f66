#include "actors/tree/core/snapshot_source.hpp"

#include <utility>
#include <vector>

#include <troupe/base/check.hpp>

namespace troupe::tree {
namespace {

node* next_of(node& at) { return const_cast<node*>(next_in_preorder(at)); }

}  // namespace

snapshot_source::snapshot_source(state& of)
    : state_(of), at_(of.applied()),
      mark_(!of.snapshot_mark_), end_{of.nodes().size(), of.sessions().size(), of.digest()},
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
  for (; cursor_; cursor_ = next_of(*cursor_))
    cursor_->set_snapshot_mark(mark_);
  state_.observer_ = nullptr;
}

std::optional<snapshot::record> snapshot_source::next() {
  while (ready_.empty() && cursor_) {
    node& here = *std::exchange(cursor_, next_of(*cursor_));
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
  for (node* n = &which; n && !passed(*n); n = n->parent)
    missing.push_back(n);
  while (!missing.empty()) {
    give(*missing.back());
    missing.pop_back();
  }
  if (vanishes && cursor_ == &which) cursor_ = next_of(which);
}

void snapshot_source::give(node& which) {
  if (lists_given_.insert(which.acl).second)
    ready_.emplace_back(snapshot::access_list{which.acl, *state_.acl_of(which).list});
  snapshot::znode record;
  record.path = path_of(which);
  record.kind = which.kind();
  record.owner_or_ttl = which.kind() == node_kind::ephemeral
                            ? which.owner().value
                            : static_cast<std::uint64_t>(which.ttl_ms());
  record.czxid = which.czxid;
  record.mzxid = which.mzxid;
  record.pzxid = which.pzxid;
  record.ctime_ms = which.ctime_ms;
  record.mtime_ms = which.mtime_ms;
  record.version = which.version;
  record.children_created = which.children_created;
  record.aversion = which.aversion;
  record.acl = which.acl;
  record.data = which.data;
  which.set_snapshot_mark(mark_);
  ready_.emplace_back(std::move(record));
}

}  // namespace troupe::tree
