/// Which containers and TTL nodes nobody needs any more (protocol section 6.3).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "actors/tree/core/options.hpp"
#include "actors/tree/core/state.hpp"

namespace troupe::tree {

/// Paths of nodes without children that may go now, sorted, at most `limit`: containers that had a
/// child once (or that never had one for long enough, if so chosen), and TTL nodes whose data is
/// older than their time to live. Only candidates: what is in flight is checked by prepare.
std::vector<std::string> reapable_paths(const state& committed, const tree_options& options,
                                        wall_time now, std::size_t limit);

}  // namespace troupe::tree
