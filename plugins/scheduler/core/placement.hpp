/// Tasks that want a worker, workers that have room, and who fits whom.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/job.hpp"

namespace scheduler {

/// How much a task matters, in hundredths; always above zero.
using importance = std::int64_t;

/// How priorities grow with waiting, so that nobody starves.
struct ageing {
  importance gain = 100;     ///< per `period`; 100 is one step of priority
  duration period = 60'000;  ///< 0: no ageing
};

/// The importance of a task that became ready `waited` ago.
importance importance_of(std::int32_t priority, duration waited, const ageing& rules) noexcept;
/// The largest there is.
inline constexpr importance most_importance = 100'000;

/// A task that is to be placed.
struct open_task {
  importance matters = 100;
  std::uint32_t weight = 1;
  const demand* needs = nullptr;  ///< outlives the placement
};

/// A worker as it is before anything is placed on it.
struct open_worker {
  std::string id;
  std::uint32_t slots = 0;  ///< free ones
  std::int64_t load = 0;    ///< weights of what it has, and what it reports beside that
  resources capacity;
  resources used;
  std::set<std::string> labels;
  std::set<std::string> apart;  ///< the words of the tasks that it has
};

/// Why a task cannot be on a worker.
enum class obstacle : std::uint8_t { none, no_worker, label, slots, resource, apart, pool };
std::string_view to_string(obstacle what) noexcept;

/// What stands in the way of this task on this worker.
obstacle obstacle_to(const open_task& task, const open_worker& worker) noexcept;
/// The worker with the task on it.
void put(const open_task& task, open_worker& worker);
/// Takes back `put`. `worker` has the task.
void take(const open_task& task, open_worker& worker);
/// The largest share of any resource that is used, in thousandths.
std::int64_t dominant_share(const open_worker& worker) noexcept;

}  // namespace scheduler
