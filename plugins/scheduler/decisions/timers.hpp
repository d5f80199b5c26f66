/// The index of what happens at which time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/book.hpp"

namespace scheduler {

/// Entries are in buckets: of 100 ms for the next ten seconds, coarser for what is far away; from
/// there they come into finer ones when their bucket is due. So there are never more than some
/// hundred buckets a day, and a task that is heard of often is not moved each time.

/// The name of a task's entry.
std::string timer_of(const task_name& task);
/// The name of the entry of a job's trigger.
std::string timer_of(std::string_view job);
/// Whose entry it is: exactly one of both.
struct timer_owner {
  std::optional<task_name> task;
  std::optional<std::string> job;
};
/// Neither, for other texts.
timer_owner owner_of(std::string_view entry);

/// Sees to it that `entry` comes up at `at` or before (0: not at all). `present` is its path, or
/// empty, and is kept up to date. An entry that comes up too early is armed again.
void arm(book& with, const std::string& entry, instant at, std::string& present);

/// The paths of at most `most` entries whose bucket is due, earliest first.
std::vector<std::string> due_timers(book& with, std::size_t most);

/// When the first bucket is due; nothing if there is none.
std::optional<instant> next_timer(book& with);

}  // namespace scheduler
