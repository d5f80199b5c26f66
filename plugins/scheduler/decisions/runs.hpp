/// Jobs, and the runs that their triggers and people begin.
#pragma once

#include <string>
#include <vector>

#include "decisions/book.hpp"

namespace scheduler {

/// Makes what a namespace consists of, where it is missing.
void make_folders(book& with);

/// Defines a job, or gives it a new definition; runs that are active keep theirs. The same
/// again changes nothing. Returns the revision. Refuses what `check_job` refuses, and a schedule or
/// zone that is not understood.
std::uint32_t define_job(book& with, const job_definition& job);

/// The schedule of a job; nothing if it has none. Refuses one that is not understood.
std::optional<schedule> schedule_of(book& with, const job_definition& job);

/// What somebody starts by hand.
struct run_request {
  std::string job;
  /// Equal keys are one run, as long as that is remembered: who asks again gets the same one.
  std::string key;
  std::string parameters;  ///< kept beside the tasks
};
/// At most this many bytes.
inline constexpr std::size_t most_parameters = 64 * 1024;

/// Returns the run's name, and whether this began it. No policy of overlap applies but the limit of
/// active runs.
struct run_reply {
  std::string run;
  bool begun = false;
};
run_reply request_run(book& with, const run_request& request);

/// The trigger of a job has come up: begins what is due, by the job's rules for what is late and
/// what overlaps.
void fire(book& with, const std::string& job);

/// Makes up for the instants of [from, until] that are due by the schedule, `at_a_time` runs
/// together. Refuses while another backfill of the job goes on.
void backfill(book& with, const std::string& job, instant from, instant until,
              std::uint32_t at_a_time);

/// A run is over: makes room, and begins what waits.
void run_ended(book& with, const std::string& job, const std::string& run);

/// Cancels all tasks of a run that are not over.
void cancel_run(book& with, const std::string& job, const std::string& run, reason why);

/// The tasks of a run, in the order of their names.
std::vector<task_name> tasks_of(book& with, const std::string& job, const std::string& run);

/// Arms a job's trigger for its next instant, if it is not paused and has a schedule.
void arm_trigger(book& with, const std::string& job);

}  // namespace scheduler
