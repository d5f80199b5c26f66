#include "actors/tree/core/applier.hpp"

#include <algorithm>
#include <utility>

#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/access.hpp"

namespace troupe::tree {

namespace {

/// What is to be told beside the changes, if anything.
const change::answered* told_by(const txn& decided) {
  return decided.changes.empty() ? nullptr : std::get_if<change::answered>(&decided.changes.back());
}

}  // namespace

std::string_view applier::apply(const txn& decided, std::vector<write_result>& results) {
  results_ = &results;
  results.reserve(decided.changes.size());
  const auto wrong = apply_changes(decided);
  if (decided.kind == txn_kind::close_session) results.assign(1, {});
  return wrong;
}

std::string_view applier::apply(const txn& decided) {
  if (!told_by(decided)) return apply_changes(decided);
  std::vector<write_result> results;
  return apply(decided, results);
}

std::string_view applier::apply_changes(const txn& decided) {
  if (!follows(state_.applied(), decided.zxid)) return "it does not follow the newest one applied";
  decided_ = &decided;
  const auto* told = told_by(decided);
  scripted_ = told && !told->results.empty();
  for (const auto& change : decided.changes) {
    if (const auto wrong = std::visit([&](const auto& c) { return apply_one(c); }, change))
      return wrong;
    ++place_;
  }
  if (decided.origin.server != server_id{})
    state_.note_write(decided.session, decided.origin.server, decided.zxid);
  state_.set_applied(decided.zxid);
  return {};
}

void applier::add_result(const node* which, const std::string* path) {
  if (!results_) return;
  auto& result = results_->emplace_back();
  if (path) result.path = *path;
  if (which) result.stat = state_.stat_of(*which);
}

applier::fault applier::apply_one(const change::create_node& c) {
  const node* made = nullptr;
  if (const auto wrong = state_.apply(c, decided_->zxid, decided_->time, made)) return wrong;
  add_result(made, &c.path);
  if (watches_.size() == 0) return nullptr;
  fire(event_kind::node_created, c.path, watches_.take_data(c.path), c.acl);
  fire_children_changed(parent_path(c.path));
  return nullptr;
}

applier::fault applier::apply_one(const change::delete_node& c) {
  add_result();
  const node* which = watches_.size() == 0 ? nullptr : state_.find(c.path);
  const auto list = which ? state_.acl_of(*which).list : acl_pointer{};
  acl_pointer hidden;
  if (const auto wrong = state_.apply(c, decided_->zxid, hidden)) return wrong;
  if (hidden) hidden_.push_back({place_, std::move(hidden)});
  if (watches_.size() == 0) return nullptr;
  auto by_data = watches_.take_data(c.path);
  auto by_child = watches_.take_child(c.path);
  // Who was told by the data table is not told again by the child table.
  std::erase_if(by_child, [&](watcher_id one) {
    return std::binary_search(by_data.begin(), by_data.end(), one);
  });
  fire(event_kind::node_deleted, c.path, std::move(by_data), *list);
  fire(event_kind::node_deleted, c.path, std::move(by_child), *list);
  fire_children_changed(parent_path(c.path));
  return nullptr;
}

applier::fault applier::apply_one(const change::set_data& c) {
  const node* which = nullptr;
  if (const auto wrong = state_.apply(c, decided_->zxid, decided_->time, which)) return wrong;
  add_result(which);
  const auto& entry = state_.acl_of(*which);
  if ((entry.anyone_may & permission_read) == 0) hidden_.push_back({place_, entry.list});
  if (watches_.size() != 0)
    fire(event_kind::node_data_changed, c.path, watches_.take_data(c.path), *entry.list);
  return nullptr;
}

applier::fault applier::apply_one(const change::set_acl& c) {
  const node* which = nullptr;
  if (const auto wrong = state_.apply(c, which)) return wrong;
  add_result(which);
  return nullptr;
}

applier::fault applier::apply_one(const change::checked& c) {
  const node* const which = scripted_ ? state_.find(c.path) : nullptr;
  add_result(which, which ? &c.path : nullptr);
  return nullptr;
}

applier::fault applier::apply_one(const change::answered& c) {
  if (!results_ || &c != told_by(*decided_)) return "an answer is not the last change";
  if (!c.results.empty()) {
    const auto by_change = std::exchange(*results_, {});
    results_->reserve(c.results.size());
    for (const auto& one : c.results) {
      if (one.change >= static_cast<std::int32_t>(by_change.size()))
        return "an answer names a change that is not there";
      auto& told = results_->emplace_back();
      if (one.change >= 0) told = by_change[static_cast<std::size_t>(one.change)];
      told.number = one.number;
    }
  }
  if (c.remembered)
    state_.remember(decided_->session,
                    {decided_->request_id, decided_->zxid, decided_->kind == txn_kind::multi,
                     *results_, weight_of(*decided_)});
  return nullptr;
}

applier::fault applier::apply_one(const change::create_session& c) {
  if (const auto wrong = state_.apply(c)) return wrong;
  effects_.emplace_back(effect::session_opened{c.session, c.timeout});
  return nullptr;
}

applier::fault applier::apply_one(const change::close_session& c) { return state_.apply(c); }

applier::fault applier::apply_one(const change::set_secret& c) {
  if (const auto wrong = state_.apply(c)) return wrong;
  effects_.emplace_back(effect::secret_changed{});
  return nullptr;
}

void applier::fire(event_kind kind, std::string_view path, std::vector<watcher_id> watchers,
                   const acl& list) {
  if ((allowed_to_anyone(list) & permission_read) == 0) {
    std::erase_if(watchers, [&](watcher_id one) {
      return !is_allowed(list, permission_read, watches_.identities_of(one));
    });
  }
  if (watchers.empty()) return;
  effects_.emplace_back(
      effect::event{kind, std::string{path}, decided_->zxid, std::move(watchers)});
}

void applier::fire_children_changed(std::string_view path) {
  auto watchers = watches_.take_child(path);
  if (watchers.empty()) return;
  fire(event_kind::node_children_changed, path, std::move(watchers),
       *state_.acl_of(*state_.find(path)).list);
}

}  // namespace troupe::tree
