#include "core/task_state.hpp"

#include <algorithm>
#include <array>

namespace scheduler {

namespace {

using s = task_state;
using r = reason;

constexpr edge table[] = {
    // Upstream and time
    {s::blocked, s::ready, r::upstream_done},
    {s::blocked, s::scheduled, r::upstream_done},
    {s::blocked, s::skipped, r::upstream_rule},
    // One that stands for many, when all of them are over
    {s::blocked, s::succeeded, r::upstream_done},
    {s::blocked, s::dead, r::upstream_rule},
    {s::blocked, s::cancelled, r::upstream_rule},
    {s::scheduled, s::ready, r::time_reached},
    {s::retry_wait, s::ready, r::backoff_over},
    // Workers
    {s::ready, s::assigned, r::assigned},
    {s::assigned, s::running, r::claimed},
    {s::assigned, s::ready, r::withdrawn},
    {s::running, s::succeeded, r::completed},
    {s::running, s::failed, r::attempt_failed},
    {s::running, s::failed, r::non_retryable},
    {s::running, s::failed, r::start_to_close_timeout},
    {s::running, s::failed, r::fan_out_exceeded},
    {s::failed, s::retry_wait, r::will_retry},
    {s::failed, s::dead, r::attempts_exhausted},
    {s::failed, s::dead, r::non_retryable},
    {s::failed, s::dead, r::schedule_to_close_timeout},
    {s::failed, s::dead, r::fan_out_exceeded},
    // Workers that go, and come back
    {s::assigned, s::lost, r::worker_gone},
    {s::running, s::lost, r::worker_gone},
    {s::running, s::lost, r::heartbeat_timeout},
    {s::lost, s::assigned, r::reclaimed},
    {s::lost, s::running, r::reclaimed},
    {s::lost, s::ready, r::grace_over},
    {s::lost, s::dead, r::attempts_exhausted},
    // Too late
    {s::ready, s::dead, r::schedule_to_start_timeout},
    {s::assigned, s::dead, r::schedule_to_start_timeout},
    {s::scheduled, s::dead, r::schedule_to_close_timeout},
    {s::ready, s::dead, r::schedule_to_close_timeout},
    {s::assigned, s::dead, r::schedule_to_close_timeout},
    {s::running, s::dead, r::schedule_to_close_timeout},
    {s::lost, s::dead, r::schedule_to_close_timeout},
    {s::retry_wait, s::dead, r::schedule_to_close_timeout},
    // Held back by somebody
    {s::blocked, s::paused, r::paused},
    {s::scheduled, s::paused, r::paused},
    {s::ready, s::paused, r::paused},
    {s::retry_wait, s::paused, r::paused},
    {s::paused, s::blocked, r::resumed},
    {s::paused, s::scheduled, r::resumed},
    {s::paused, s::ready, r::resumed},
    {s::paused, s::retry_wait, r::resumed},
    // Given up: at once where nobody works on it, else when the worker has agreed
    {s::blocked, s::cancelled, r::cancel_requested},
    {s::scheduled, s::cancelled, r::cancel_requested},
    {s::ready, s::cancelled, r::cancel_requested},
    {s::retry_wait, s::cancelled, r::cancel_requested},
    {s::paused, s::cancelled, r::cancel_requested},
    {s::lost, s::cancelled, r::cancel_requested},
    {s::assigned, s::cancelling, r::cancel_requested},
    {s::running, s::cancelling, r::cancel_requested},
    {s::blocked, s::cancelled, r::run_replaced},
    {s::scheduled, s::cancelled, r::run_replaced},
    {s::ready, s::cancelled, r::run_replaced},
    {s::retry_wait, s::cancelled, r::run_replaced},
    {s::paused, s::cancelled, r::run_replaced},
    {s::lost, s::cancelled, r::run_replaced},
    {s::assigned, s::cancelling, r::run_replaced},
    {s::running, s::cancelling, r::run_replaced},
    {s::cancelling, s::cancelled, r::cancel_acknowledged},
    {s::cancelling, s::cancelled, r::cancel_forced},
    {s::cancelling, s::cancelled, r::worker_gone},
    {s::cancelling, s::succeeded, r::completed},
    // Decided by somebody
    {s::blocked, s::skipped, r::skip_requested},
    {s::scheduled, s::skipped, r::skip_requested},
    {s::ready, s::skipped, r::skip_requested},
    {s::retry_wait, s::skipped, r::skip_requested},
    {s::paused, s::skipped, r::skip_requested},
    {s::blocked, s::succeeded, r::marked_success},
    {s::scheduled, s::succeeded, r::marked_success},
    {s::ready, s::succeeded, r::marked_success},
    {s::retry_wait, s::succeeded, r::marked_success},
    {s::paused, s::succeeded, r::marked_success},
    // Once more
    {s::dead, s::blocked, r::rerun},
    {s::skipped, s::blocked, r::rerun},
    {s::cancelled, s::blocked, r::rerun},
    {s::dead, s::ready, r::rerun},
    {s::cancelled, s::ready, r::rerun},
};

constexpr std::array<std::string_view, task_states> state_names = {
    "BLOCKED",    "SCHEDULED", "READY",   "ASSIGNED", "RUNNING",    "SUCCEEDED", "FAILED",
    "RETRY_WAIT", "DEAD",      "SKIPPED", "PAUSED",   "CANCELLING", "CANCELLED", "LOST"};

constexpr std::array<std::string_view, reasons> reason_names = {"created",
                                                                "time_reached",
                                                                "upstream_done",
                                                                "upstream_rule",
                                                                "assigned",
                                                                "claimed",
                                                                "completed",
                                                                "attempt_failed",
                                                                "non_retryable",
                                                                "attempts_exhausted",
                                                                "will_retry",
                                                                "backoff_over",
                                                                "worker_gone",
                                                                "heartbeat_timeout",
                                                                "schedule_to_start_timeout",
                                                                "start_to_close_timeout",
                                                                "schedule_to_close_timeout",
                                                                "reclaimed",
                                                                "grace_over",
                                                                "withdrawn",
                                                                "paused",
                                                                "resumed",
                                                                "cancel_requested",
                                                                "run_replaced",
                                                                "cancel_acknowledged",
                                                                "cancel_forced",
                                                                "skip_requested",
                                                                "marked_success",
                                                                "rerun",
                                                                "fan_out_exceeded"};

}  // namespace

std::string_view to_string(task_state state) noexcept {
  return state_names[static_cast<std::size_t>(state)];
}

std::string_view to_string(reason why) noexcept {
  return reason_names[static_cast<std::size_t>(why)];
}

std::span<const edge> edges() noexcept { return table; }

bool is_legal(task_state from, task_state to, reason why) noexcept {
  return std::any_of(std::begin(table), std::end(table), [&](const edge& one) {
    return one.from == from && one.to == to && one.why == why;
  });
}

}  // namespace scheduler
