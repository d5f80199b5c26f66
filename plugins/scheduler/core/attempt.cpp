#include "core/attempt.hpp"

#include <algorithm>

#include <troupe/base/prng.hpp>

namespace scheduler {

namespace {

/// Keeps the earlier one.
void consider(std::optional<alarm>& first, instant from, duration after, reason why) noexcept {
  if (from == 0 || after == 0) return;
  if (!first || from + after < first->at) first = alarm{from + after, why};
}

}  // namespace

bool is_live(const task_record& task, const claim& by) noexcept {
  return is_held(task.state) && task.fence == by.fence && task.attempt == by.attempt &&
         !task.attempts.empty() && task.attempts.back().worker == by.worker;
}

std::optional<alarm> next_alarm(const task_record& task, const timeouts& limits) noexcept {
  using s = task_state;
  std::optional<alarm> first;
  const auto started = task.attempts.empty() ? 0 : task.attempts.back().started;
  switch (task.state) {
  case s::scheduled:
    first = alarm{task.until, reason::time_reached};
    break;
  case s::retry_wait:
    first = alarm{task.until, reason::backoff_over};
    break;
  case s::lost:
    first = alarm{task.until, reason::grace_over};
    break;
  case s::cancelling:
    return alarm{task.until, reason::cancel_forced};
  case s::ready:
  case s::assigned:
    consider(first, task.ready, limits.schedule_to_start, reason::schedule_to_start_timeout);
    break;
  case s::running:
    consider(first, started, limits.start_to_close, reason::start_to_close_timeout);
    consider(first, task.heartbeat, limits.heartbeat, reason::heartbeat_timeout);
    break;
  default:
    return std::nullopt;
  }
  consider(first, task.first_ready, limits.schedule_to_close, reason::schedule_to_close_timeout);
  return first;
}

duration backoff(const retry_rules& rules, std::uint32_t attempt) noexcept {
  auto wait = rules.backoff;
  for (std::uint32_t i = 1; i < attempt && wait < rules.longest_backoff && wait > 0; ++i)
    wait = wait / 100 * rules.growth_percent + wait % 100 * rules.growth_percent / 100;
  return std::min(wait, rules.longest_backoff);
}

verdict after_failure(const task_record& task, const retry_rules& rules, const timeouts& limits,
                      reason ended, std::string_view error_class, instant now,
                      std::uint64_t random) noexcept {
  if (ended == reason::non_retryable || ended == reason::fan_out_exceeded) return {false, ended, 0};
  auto most = backoff(rules, task.attempt);
  for (const auto& rule : rules.errors) {
    if (rule.error_class != error_class) continue;
    if (!rule.retry) return {false, reason::non_retryable, 0};
    if (rule.backoff > 0) most = rule.backoff;
    break;
  }
  if (task.attempt >= rules.most_attempts + task.forgiven) {
    return {false, reason::attempts_exhausted, 0};
  }
  const auto wait =
      static_cast<duration>(troupe::prng{random}.below(static_cast<std::uint64_t>(most) + 1));
  if (limits.schedule_to_close > 0 && now + wait >= task.first_ready + limits.schedule_to_close) {
    return {false, reason::schedule_to_close_timeout, 0};
  }
  return {true, reason::will_retry, wait};
}

}  // namespace scheduler
