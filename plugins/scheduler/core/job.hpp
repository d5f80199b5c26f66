/// What a job is: its tasks, when it runs, and what happens when something goes wrong.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/dependency.hpp"
#include "core/firing.hpp"

namespace scheduler {

/// Amounts by resource, for example {"cpu_m", 500}.
using resources = std::map<std::string, std::int64_t>;

/// What a task needs from its worker.
struct demand {
  resources needs;
  std::vector<std::string> labels;  ///< the worker has all of them
  std::string apart;  ///< never two tasks with the same such word on one worker; empty: no matter
  std::string pool;   ///< of which only so many tasks are given out; empty: none
  bool operator==(const demand&) const = default;
};

/// Another rule for failures of one class.
struct error_rule {
  std::string error_class;
  bool retry = true;
  duration backoff = 0;  ///< instead of the usual; 0: the usual
  bool operator==(const error_rule&) const = default;
};

struct retry_rules {
  std::uint32_t most_attempts = 3;
  duration backoff = 1'000;  ///< before the second attempt
  duration longest_backoff = 60'000;
  std::uint32_t growth_percent = 200;
  std::uint32_t most_losses = 8;  ///< so many workers may die of it
  std::vector<error_rule> errors;
  bool operator==(const retry_rules&) const = default;
};

/// 0: none.
struct timeouts {
  duration schedule_to_start = 0;  ///< from READY to RUNNING, of each attempt
  duration start_to_close = 0;     ///< of an attempt
  duration schedule_to_close = 0;  ///< from the first READY to the end, with all attempts
  duration heartbeat = 0;          ///< between two signs of life
  bool operator==(const timeouts&) const = default;
};

struct task_definition {
  std::string name;
  std::string payload;  ///< what the worker is told; nobody else looks into it
  std::vector<std::string> upstream;
  dependency_rule rule = dependency_rule::all_success;
  std::int32_t priority = 0;  ///< higher first
  std::uint32_t weight = 1;   ///< how much load it is
  duration delay = 0;         ///< from the end of what is upstream
  /// One task for each item of the result of this one upstream; empty: no.
  std::string each_of;
  std::uint32_t most_items = 100;
  demand needs;
  retry_rules retry;
  timeouts limits;
  bool operator==(const task_definition&) const = default;
};

struct job_definition {
  std::string name;
  std::vector<task_definition> tasks;
  std::string schedule;  ///< as for `parse_schedule`; empty: only when somebody starts it
  std::string zone;      ///< of the zoneinfo database; empty: UTC
  bool repeat_dst = false;
  duration spread = 0;  ///< runs begin up to so much later, each job by its own jitter
  misfire_rules misfire;
  overlap_rules overlap;
  duration grace = 10'000;         ///< for a lost worker to come back
  duration cancel_grace = 30'000;  ///< for a worker to give up a task that is cancelled
  std::uint32_t days_kept = 30;    ///< of history
  bool operator==(const job_definition&) const = default;
};

/// Lowest and highest priority.
inline constexpr std::int32_t least_priority = 0, most_priority = 9;
inline constexpr std::size_t most_tasks = 1000;         ///< of a job
inline constexpr std::size_t most_payload = 64 * 1024;  ///< bytes

/// Whether something may be the name of a job, task, pool, label or worker: 1 to 64 of
/// a-z A-Z 0-9 _ and -.
bool is_name(std::string_view text) noexcept;

/// Everything that can be wrong with a definition but its schedule: names, bounds, dependencies
/// and cycles. The message says which task.
troupe::result<bool> check_job(const job_definition& job);

}  // namespace scheduler
