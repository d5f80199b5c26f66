/// The rules for attempts: who may speak for a task, when it is too late, and what comes next.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/records.hpp"

namespace scheduler {

/// What a worker shows to prove that a task is still its own.
struct claim {
  std::string_view worker;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
};

/// Whether the claim is the live one. At any time there is at most one, because every assignment
/// has a fence of its own.
bool is_live(const task_record& task, const claim& by) noexcept;

/// When something happens to a task by itself, and what. Nothing if it waits for somebody.
struct alarm {
  instant at = 0;
  reason why = reason::created;
};
/// The first of: its time has come (SCHEDULED, RETRY_WAIT), grace is over (LOST, CANCELLING), or
/// one of the four timeouts.
std::optional<alarm> next_alarm(const task_record& task, const timeouts& limits) noexcept;

/// What becomes of a task after a failed attempt.
struct verdict {
  bool again = false;
  reason why = reason::attempts_exhausted;
  duration wait = 0;  ///< before the next attempt
};
/// `random` is any number: it chooses the wait, evenly from [0, back-off] ("full jitter"), where
/// the back-off grows with every attempt up to its longest. `ended` is how the attempt ended.
verdict after_failure(const task_record& task, const retry_rules& rules, const timeouts& limits,
                      reason ended, std::string_view error_class, instant now,
                      std::uint64_t random) noexcept;

/// min(longest, backoff · growth^(attempt - 1)).
duration backoff(const retry_rules& rules, std::uint32_t attempt) noexcept;

}  // namespace scheduler
