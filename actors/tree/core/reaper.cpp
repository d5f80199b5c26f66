#include "actors/tree/core/reaper.hpp"

#include <algorithm>

namespace troupe::tree {
namespace {

bool may_go(const node_store& nodes, const node& which, const tree_options& options,
            wall_time now) {
  if (nodes.num_children(which) > 0) return false;
  const auto age_ms = now.ms - which.mtime_ms;
  if (which.kind() == node_kind::ttl) return age_ms > which.ttl_ms();
  if (nodes.children_created(which) != 0) return true;
  const auto never_used_ms = options.container_never_used.count();
  return never_used_ms > 0 && age_ms > never_used_ms;
}

}  // namespace

std::vector<std::string> reapable_paths(const state& committed, const tree_options& options,
                                        wall_time now, std::size_t limit) {
  std::vector<std::string> paths;
  for (const node* which : committed.reapable())
    if (may_go(committed.nodes(), *which, options, now))
      paths.push_back(committed.nodes().path_of(*which));
  // The set has no order of its own; what leaves here must have one.
  std::sort(paths.begin(), paths.end());
  if (paths.size() > limit) paths.resize(limit);
  return paths;
}

}  // namespace troupe::tree
