/// The tasks of a job as a graph.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/job.hpp"

namespace scheduler {

/// For each task the numbers of those that wait for it, in order of definition. Names upstream must
/// exist.
std::vector<std::vector<std::uint32_t>> downstream_of(const std::vector<task_definition>& tasks);

/// The tasks of a cycle, in the order of their dependencies and with the first one again at the
/// end; nothing if there is none. Names upstream must exist.
std::optional<std::vector<std::string>> find_cycle(const std::vector<task_definition>& tasks);

}  // namespace scheduler
