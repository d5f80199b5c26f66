/// Assignments as flows of least cost.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/assignment.hpp"

namespace scheduler {

/// The exact answer for equal weights with labels: every slot of a worker is a place of its own,
/// with the load that it finds. Nothing if that takes more arcs than `most_arcs`.
std::optional<assignment> pair_by_flow(const std::vector<open_task>& tasks,
                                       const std::vector<open_worker>& workers,
                                       std::size_t most_arcs);

}  // namespace scheduler
