#include "actors/tree/core/overlay.hpp"

#include <utility>

namespace troupe::tree {

namespace {

/// What is kept for the next ones; more than this is in flight only now and then.
constexpr std::size_t most_spare = 4096;

}  // namespace

node_view overlay::look(std::string_view path) const {
  if (!nodes_.empty())
    if (const auto found = nodes_.find(path); found != nodes_.end()) return (*found)->view;
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
          0,
          0,
          0,
          {},
          committed_.acl_of(*committed).list.get(),
          nullptr};
}

bool overlay::exists(std::string_view path) const {
  if (!nodes_.empty())
    if (const auto found = nodes_.find(path); found != nodes_.end()) return (*found)->view.exists;
  return committed_.find(path) != nullptr;
}

overlay::pending_node& overlay::hold(std::string_view path, node_view&& view) {
  if (const auto found = nodes_.find(path); found != nodes_.end()) {
    auto& known = **found;
    befores_.push_back(std::exchange(known.view, std::move(view)));
    draft_.push_back({&known, false});
    return known;
  }
  pending_pointer made;
  if (spare_.empty()) {
    made = std::make_unique<pending_node>();
  } else {
    made = std::move(spare_.back());
    spare_.pop_back();
  }
  made->path = path;
  made->view = std::move(view);
  made->at = {};
  draft_.push_back({made.get(), true});
  auto& held = *made;
  nodes_.insert(std::move(made));
  return held;
}

void overlay::put_child(std::string_view parent_path, node_view&& parent, std::string_view path,
                        node_view&& child) {
  auto& above = hold(parent_path, std::move(parent));
  auto& below = hold(path, std::move(child));
  if (!below.parent) link(above, below);
}

void overlay::link(pending_node& parent, pending_node& child) noexcept {
  child.parent = &parent;
  child.next_sibling = parent.first_child;
  if (parent.first_child) parent.first_child->previous_sibling = &child;
  parent.first_child = &child;
}

void overlay::unlink(pending_node& child) noexcept {
  if (child.next_sibling) child.next_sibling->previous_sibling = child.previous_sibling;
  (child.previous_sibling ? child.previous_sibling->next_sibling : child.parent->first_child) =
      child.next_sibling;
  child.parent = child.next_sibling = child.previous_sibling = nullptr;
}

bool overlay::is_open(session_id session) const {
  for (auto it = draft_sessions_.rbegin(); it != draft_sessions_.rend(); ++it)
    if (it->first == session) return it->second;
  if (!sessions_.empty())
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

void overlay::merge() {
  const auto at = draft_at_;
  times_.push_back(draft_time_.ms);
  times_end_ = at;
  for (const auto& step : draft_) {
    auto& changed = *step.node;
    if (changed.at == at) continue;  // twice in one draft
    changed.at = at;
    const auto owner = changed.view.owner;
    if (owner) owned_[owner].insert(changed.path);
    marks_.push_back({at, &changed, owner});
  }
  for (const auto& [session, open] : draft_sessions_) {
    marks_.push_back({at, nullptr, session});
    sessions_.insert_or_assign(session, pending_session{open, at});
  }
  draft_.clear();
  befores_.clear();
  draft_sessions_.clear();
}

void overlay::drop() {
  for (auto step = draft_.rbegin(); step != draft_.rend(); ++step) {
    if (step->is_new) {
      remove(*step->node);
    } else {
      step->node->view = std::move(befores_.back());
      befores_.pop_back();
    }
  }
  draft_.clear();
  draft_sessions_.clear();
}

void overlay::remove(pending_node& which) {
  if (which.parent) unlink(which);
  while (which.first_child)
    unlink(*which.first_child);
  auto gone = std::move(nodes_.extract(nodes_.find(std::string_view{which.path})).value());
  gone->view.own_acl.reset();
  if (!gone->view.data.is_null()) gone->view.data = {};
  if (spare_.size() < most_spare) spare_.push_back(std::move(gone));
}

void overlay::applied(zxid at) {
  for (; !marks_.empty() && marks_.front().at <= at; marks_.pop_front())
    forget(marks_.front());
  for (; !request_marks_.empty() && request_marks_.front().first <= at; request_marks_.pop_front())
    if (const auto found = requests_.find(request_marks_.front().second);
        found != requests_.end()) {
      found->second.applied(at);
      if (found->second.empty()) requests_.erase(found);
    }
  if (at >= times_end_)
    times_.clear();
  else
    while (times_.size() > times_end_.value - at.value)
      times_.pop_front();
}

void overlay::forget(const mark& done) {
  if (!done.node) {
    if (const auto found = sessions_.find(done.session);
        found != sessions_.end() && found->second.at == done.at)
      sessions_.erase(found);
    return;
  }
  // A node stays until its newest mark, so it is still there at every earlier one.
  const bool newest = done.node->at == done.at;
  const bool still_owned = done.node->view.owner == done.session;
  if (done.session && (newest || !still_owned))
    if (const auto owner = owned_.find(done.session); owner != owned_.end()) {
      owner->second.erase(done.node->path);
      if (owner->second.empty()) owned_.erase(owner);
    }
  if (newest) remove(*done.node);
}

void overlay::clear() {
  drop();
  nodes_.clear();
  sessions_.clear();
  owned_.clear();
  marks_.clear();
  times_.clear();
  requests_.clear();
  request_marks_.clear();
}

bool overlay::remembers(session_id session, std::uint64_t request) const {
  const auto* known = committed_.sessions().find(session);
  const auto* committed = known ? known->requests.get() : nullptr;
  if (const auto found = requests_.find(session); found != requests_.end())
    return found->second.remembers(committed, request);
  return committed && committed->find(request);
}

void overlay::remember(session_id session, std::uint64_t request, std::size_t weight) {
  requests_[session].add(request, draft_at_, weight);
  request_marks_.emplace_back(draft_at_, session);
}

}  // namespace troupe::tree
