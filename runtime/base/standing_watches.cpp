#include <troupe/base/standing_watches.hpp>

#include <variant>

namespace troupe {

void standing_watches::answered(const read_op& asked, const read_result& result) {
  const bool found = result.error == error_code::ok;
  if (const auto* exists = std::get_if<exists_op>(&asked)) {
    if (!exists->watch || (!found && result.error != error_code::no_node)) return;
    auto& mine = marks_[exists->path];
    (found ? mine.data : mine.exist) = true;
    return;
  }
  if (!found) return;
  if (const auto* get = std::get_if<get_data_op>(&asked)) {
    if (get->watch) marks_[get->path].data = true;
  } else if (const auto* list = std::get_if<get_children_op>(&asked)) {
    if (list->watch) marks_[list->path].child = true;
  } else if (const auto* add = std::get_if<add_watch_op>(&asked)) {
    auto& mine = marks_[add->path];
    (add->mode == watch_mode::persistent ? mine.persistent : mine.recursive) = true;
  } else if (const auto* gone = std::get_if<remove_watches_op>(&asked)) {
    remove(gone->path, gone->selector);
  }
}

void standing_watches::remove(const std::string& path, watch_selector which) {
  const auto at = marks_.find(path);
  if (at == marks_.end()) return;
  auto& mine = at->second;
  const bool any = which == watch_selector::any;
  if (any || which == watch_selector::children) mine.child = false;
  if (any || which == watch_selector::data) mine.data = mine.exist = false;
  if (any || which == watch_selector::persistent) mine.persistent = false;
  if (any || which == watch_selector::persistent_recursive) mine.recursive = false;
  if (mine.none()) marks_.erase(at);
}

void standing_watches::fired(event_kind kind, const std::string& path) {
  const auto at = marks_.find(path);
  if (at == marks_.end()) return;
  auto& mine = at->second;
  if (kind != event_kind::node_children_changed) mine.data = mine.exist = false;
  if (kind == event_kind::node_deleted || kind == event_kind::node_children_changed)
    mine.child = false;
  if (mine.none()) marks_.erase(at);
}

set_watches_op standing_watches::again(zxid seen) const {
  set_watches_op all;
  all.relative = seen;
  for (const auto& [path, mine] : marks_) {
    if (mine.data) all.data.push_back(path);
    if (mine.exist) all.exist.push_back(path);
    if (mine.child) all.child.push_back(path);
    if (mine.persistent) all.persistent.push_back(path);
    if (mine.recursive) all.persistent_recursive.push_back(path);
  }
  return all;
}

}  // namespace troupe
