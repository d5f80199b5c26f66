/// Answers questions for what has changed.
#pragma once

#include <string>

#include <troupe/roles/tree.hpp>

#include "actors/tree/core/change_ring.hpp"

namespace troupe::tree {

/// The changes that were asked for. So many transactions at most are looked at, so that a question
/// whose prefix seldom fits takes no long time; `through` says how far that was. A body that does
/// not decode, which cannot be because it was applied, counts as an overrun, and `wrong` says why.
role::tree::changes read_changes(const change_ring& ring, const role::tree::read_changes& asked,
                                 std::string& wrong);

inline constexpr std::size_t most_changes_looked_at = 4096;

}  // namespace troupe::tree
