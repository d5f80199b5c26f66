/// Long lists of names as nodes, so that no node has many children.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/decision.hpp>

namespace scheduler {

/// Names below one node.
inline constexpr std::size_t names_per_chunk = 128;

/// Adds a name at the end of the list at `list`, whose parent exists: list/<chunk>/<name>. Returns
/// that path. A few accesses, however long the list is.
std::string append(troupe::decision_tree& tree, const std::string& list, std::string_view name);

/// Removes an entry by its path, and what is empty above it, up to but without `stop`.
void remove_entry(troupe::decision_tree& tree, const std::string& path, std::string_view stop);

/// The paths of the first entries of a list, chunk by chunk, at most `most`; within a chunk by
/// name.
std::vector<std::string> first_of(troupe::decision_tree& tree, const std::string& list,
                                  std::size_t most);

}  // namespace scheduler
