/// The life of a task: its states, and the edges between them with the reasons for taking them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace scheduler {

/// Where a task is. The numbers are those of schemas/scheduler.capnp.
enum class task_state : std::uint8_t {
  blocked,     ///< waits for tasks upstream
  scheduled,   ///< waits for its time
  ready,       ///< may be given to a worker
  assigned,    ///< given to a worker, which has not said that it began
  running,     ///< the worker works on it
  succeeded,   ///< done; the end
  failed,      ///< an attempt failed; left within the transaction that enters it
  retry_wait,  ///< waits for the next attempt
  dead,        ///< failed for good; the end, unless somebody reruns it
  skipped,     ///< not needed; the end, unless somebody reruns it
  paused,      ///< somebody holds it back
  cancelling,  ///< the worker was asked to give it up
  cancelled,   ///< given up; the end, unless somebody reruns it
  lost,        ///< its worker is gone, and may still come back
};
inline constexpr std::size_t task_states = 14;

/// Why a task goes from one state to the next. The numbers are those of schemas/scheduler.capnp.
enum class reason : std::uint8_t {
  created,
  time_reached,
  upstream_done,
  upstream_rule,
  assigned,
  claimed,
  completed,
  attempt_failed,
  non_retryable,
  attempts_exhausted,
  will_retry,
  backoff_over,
  worker_gone,
  heartbeat_timeout,
  schedule_to_start_timeout,
  start_to_close_timeout,
  schedule_to_close_timeout,
  reclaimed,
  grace_over,
  withdrawn,
  paused,
  resumed,
  cancel_requested,
  run_replaced,
  cancel_acknowledged,
  cancel_forced,
  skip_requested,
  marked_success,
  rerun,
  fan_out_exceeded,
};
inline constexpr std::size_t reasons = 30;

std::string_view to_string(task_state state) noexcept;
std::string_view to_string(reason why) noexcept;

/// A legal step.
struct edge {
  task_state from;
  task_state to;
  reason why;
};

/// All legal steps. There are no others.
std::span<const edge> edges() noexcept;

/// Whether `edges` has this step.
bool is_legal(task_state from, task_state to, reason why) noexcept;

/// Whether a task can be made in this state.
constexpr bool is_first(task_state state) noexcept {
  return state == task_state::blocked || state == task_state::scheduled ||
         state == task_state::ready;
}

/// Whether a run no longer waits for a task in this state.
constexpr bool is_over(task_state state) noexcept {
  return state == task_state::succeeded || state == task_state::dead ||
         state == task_state::skipped || state == task_state::cancelled;
}

/// Whether a worker has a right to the task: its fence is the live one.
constexpr bool is_held(task_state state) noexcept {
  return state == task_state::assigned || state == task_state::running ||
         state == task_state::lost || state == task_state::cancelling;
}

}  // namespace scheduler
