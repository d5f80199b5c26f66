// What decisions see of nodes in flight. Nothing here is on the way of an ordinary write.
#include <algorithm>

#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/overlay.hpp"

namespace troupe::tree {

/// Counters in flight have no gaps, so the place tells which one it is.
std::int64_t overlay::time_of(std::uint32_t counter) const noexcept {
  const auto back = times_end_.counter() - counter;
  if (counter == draft_at_.counter() || back >= times_.size()) return draft_time_.ms;
  return times_[times_.size() - 1 - back];
}

std::optional<tree_view::node_facts> overlay::facts(std::string_view path) const {
  const auto view = look(path);
  if (!view.exists) return std::nullopt;
  tree_view::node_facts all;
  all.kind = view.kind;
  auto& s = all.stat;
  const node* const committed = in_flight(view.created_at) ? nullptr : committed_.find(path);
  if (committed) s = committed_.stat_of(*committed);
  const auto zxid_of = [this](std::uint32_t counter) {
    return zxid::of(draft_at_.epoch(), counter);
  };
  if (!committed) {
    s.czxid = zxid_of(view.created_at);
    s.ctime_ms = time_of(view.created_at);
    s.ephemeral_owner = view.owner;
  }
  if (in_flight(view.data_at)) {
    s.mzxid = zxid_of(view.data_at);
    s.mtime_ms = time_of(view.data_at);
    s.data_length = static_cast<std::int32_t>(view.data_length);
    all.data = view.data;
  } else if (committed) {
    all.data = committed_.data_of(*committed);
  }
  if (in_flight(view.children_at)) s.pzxid = zxid_of(view.children_at);
  s.version = view.version;
  s.aversion = view.aversion;
  s.num_children = view.num_children;
  s.cversion = static_cast<std::int32_t>(2U * static_cast<std::uint32_t>(view.children_created) -
                                         static_cast<std::uint32_t>(view.num_children));
  return all;
}

std::vector<std::string> overlay::children_of(std::string_view path) const {
  const auto known = nodes_.find(path);
  const pending_node* const pending = known == nodes_.end() ? nullptr : known->get();
  if (pending && !pending->view.exists) return {};
  // The list of a few nodes in flight, each with what becomes of it.
  absl::flat_hash_map<std::string_view, bool> differences;
  for (const auto* one = pending ? pending->first_child : nullptr; one; one = one->next_sibling)
    differences.emplace(base_name(one->path), one->view.exists);
  std::vector<std::string> names;
  const auto& nodes = committed_.nodes();
  if (const node* const parent = committed_.find(path)) {
    names.reserve(static_cast<std::size_t>(nodes.num_children(*parent)) + differences.size());
    for (const node* n = nodes.first_child(*parent); n; n = nodes.next_sibling(*n))
      if (!differences.contains(n->name())) names.emplace_back(n->name());
  }
  for (const auto& [name, exists] : differences)
    if (exists) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace troupe::tree
