#include "actors/tree/core/overlay.hpp"

#include <utility>

namespace troupe::tree {

node_view overlay::look(std::string_view path) const {
  if (!draft_.empty())
    if (const auto found = draft_.find(path); found != draft_.end()) return found->second;
  if (!nodes_.empty())
    if (const auto found = nodes_.find(path); found != nodes_.end()) return found->second.view;
  const node* committed = committed_.find(path);
  if (!committed) return {};
  const auto& nodes = committed_.nodes();
  return {true,
          committed->kind(),
          committed->owner(),
          committed->version,
          committed->aversion,
          nodes.children_created(*committed),
          nodes.num_children(*committed),
          static_cast<std::int64_t>(nodes.data(*committed).size()),
          committed_.acl_of(*committed).list};
}

bool overlay::is_open(session_id session) const {
  for (auto it = draft_sessions_.rbegin(); it != draft_sessions_.rend(); ++it)
    if (it->first == session) return it->second;
  if (const auto found = sessions_.find(session); found != sessions_.end())
    return found->second.open;
  return committed_.sessions().find(session) != nullptr;
}

std::vector<std::string> overlay::ephemerals_of(session_id session) const {
  absl::btree_set<std::string> candidates;
  if (const auto* known = committed_.sessions().find(session)) candidates = known->ephemerals;
  if (const auto found = owned_.find(session); found != owned_.end())
    candidates.insert(found->second.begin(), found->second.end());
  std::vector<std::string> paths;
  for (const auto& path : candidates) {
    const auto view = look(path);
    if (view.exists && view.kind == node_kind::ephemeral && view.owner == session)
      paths.push_back(path);
  }
  return paths;
}

void overlay::merge(zxid at) {
  for (auto& [path, view] : draft_) {
    if (view.owner) owned_[view.owner].insert(path);
    marks_.push_back({at, path, view.owner});
    nodes_.insert_or_assign(path, pending_node{std::move(view), at});
  }
  for (const auto& [session, open] : draft_sessions_) {
    marks_.push_back({at, {}, session});
    sessions_.insert_or_assign(session, pending_session{open, at});
  }
  drop();
}

void overlay::drop() {
  draft_.clear();
  draft_sessions_.clear();
}

void overlay::applied(zxid at) {
  for (; !marks_.empty() && marks_.front().at <= at; marks_.pop_front())
    forget(marks_.front());
}

void overlay::forget(const mark& done) {
  if (done.path.empty()) {
    if (const auto found = sessions_.find(done.session);
        found != sessions_.end() && found->second.at == done.at)
      sessions_.erase(found);
    return;
  }
  const auto found = nodes_.find(done.path);
  const bool newest = found != nodes_.end() && found->second.at == done.at;
  const bool still_owned = found != nodes_.end() && found->second.view.owner == done.session;
  if (done.session && (newest || !still_owned))
    if (const auto owner = owned_.find(done.session); owner != owned_.end()) {
      owner->second.erase(done.path);
      if (owner->second.empty()) owned_.erase(owner);
    }
  if (newest) nodes_.erase(found);
}

void overlay::clear() {
  drop();
  nodes_.clear();
  sessions_.clear();
  owned_.clear();
  marks_.clear();
}

}  // namespace troupe::tree
