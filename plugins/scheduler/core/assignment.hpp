/// Which task goes to which worker.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/placement.hpp"

namespace scheduler {

/// The number of each task's worker, or nothing.
using assignment = std::vector<std::optional<std::size_t>>;

/// What it costs to have a task on a worker, 0 to 10,000; for example a distance.
using cost_matrix = std::function<std::int64_t(std::size_t task, std::size_t worker)>;

struct assignment_limits {
  std::size_t steps = 20'000;      ///< attempts at improvement
  std::size_t flow_arcs = 20'000;  ///< above this, no minimum-cost flow is tried
};

/// Σ importance × load that the task finds: of the tasks on one worker, those that matter most per
/// weight come first, and each adds its weight to the load that the next one finds.
std::int64_t objective(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
                       const assignment& given);

/// Places what can be placed and keeps the objective small. With equal weights, and if tasks differ
/// by nothing but importance, it is minimal; also with labels, within the limits. Otherwise it is
/// good: by Smith's ratio, then improved by moves and swaps. Who is left has no worker it fits,
/// given the others; what matters more is placed first.
assignment assign(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
                  const assignment_limits& limits = {});

/// Places as much importance as possible at the least total cost; every worker has its slots, and
/// labels hold. At most 256 tasks. Resources and `apart` are then heeded in order of importance.
assignment assign_by_cost(const std::vector<open_task>& tasks,
                          const std::vector<open_worker>& workers, const cost_matrix& cost);

/// The exact answer for equal weights and tasks that fit everywhere: the most important task takes
/// the least load there is, and so on (the rearrangement inequality).
assignment pair_off(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers);

/// By Smith's ratio (importance per weight), each on the worker with the least load that it fits.
assignment greedy(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers);

/// Moves single tasks and swaps pairs while that lowers the objective, for at most `steps`
/// attempts. What is placed stays placed.
void improve(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
             assignment& given, std::size_t steps);

/// One worker as a task could have had it.
struct alternative {
  std::size_t worker = 0;
  std::int64_t score = 0;  ///< importance × load that it would find there
  obstacle why_not = obstacle::none;
};

/// All workers for one task, given where all others are: those that fit first, the best first.
/// At most `most` of them, and the chosen one in any case, which comes first.
std::vector<alternative> explain(const std::vector<open_task>& tasks,
                                 const std::vector<open_worker>& workers, const assignment& given,
                                 std::size_t task, std::size_t most);

/// Whether a task that a worker has already is to go to another one: only if that lowers
/// importance × load by more than `cost`.
bool worth_moving(const open_task& task, const open_worker& from, const open_worker& to,
                  std::int64_t cost) noexcept;

}  // namespace scheduler
