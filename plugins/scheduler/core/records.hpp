/// What the scheduler remembers, one struct per kind of node (layout.hpp). All times are in
/// milliseconds since the Unix epoch; 0 means "not".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/job.hpp"
#include "core/placement.hpp"
#include "core/task_state.hpp"

namespace scheduler {

/// jobs/<job>: which of its definitions counts.
struct job_record {
  std::uint32_t revision = 0;  ///< the newest
  bool paused = false;
  bool operator==(const job_record&) const = default;
};

/// triggers/<job>: when it is due, and which of its runs are not over.
struct trigger_record {
  instant last = 0;                 ///< the newest instant that was dealt with
  instant next = 0;                 ///< the next one; 0: none
  std::vector<std::string> active;  ///< runs, oldest first
  std::vector<instant> queued;      ///< instants that wait for a run to end
  instant backfill_from = 0;        ///< the next instant of a range that is made up for; 0: none
  instant backfill_until = 0;
  std::uint32_t backfill_active = 0;  ///< of its runs, so many at a time
  std::string timer;                  ///< the path of its entry among the timers; empty: none
  bool operator==(const trigger_record&) const = default;
};

/// The numbers are those of schemas/scheduler.capnp.
enum class run_state : std::uint8_t { active, succeeded, failed, cancelled };
enum class run_cause : std::uint8_t { trigger, request, backfill };

/// runs/<job>/<run>.
struct run_record {
  std::uint32_t revision = 0;  ///< of the job's definition
  instant due = 0;             ///< the instant that it stands for
  instant begun = 0;
  instant ended = 0;
  run_state state = run_state::active;
  run_cause cause = run_cause::trigger;
  std::uint32_t tasks = 0;  ///< also those that came from items
  std::uint32_t over = 0;
  std::uint32_t failed = 0;  ///< dead
  std::uint32_t cancelled = 0;
  bool operator==(const run_record&) const = default;
};

/// One attempt of a task, for its history.
struct attempt_record {
  std::uint32_t number = 0;
  std::uint64_t fence = 0;
  std::string worker;
  instant assigned = 0;
  instant started = 0;
  instant ended = 0;
  reason why = reason::created;  ///< how it ended
  std::string error;
  std::string explanation;  ///< why this worker: the alternatives with their scores
  bool operator==(const attempt_record&) const = default;
};
/// Older ones are forgotten.
inline constexpr std::size_t most_attempts_kept = 10;

/// runs/<job>/<run>/<task>. What does not change is in the job's definition.
struct task_record {
  task_state state = task_state::blocked;
  reason why = reason::created;
  std::uint32_t definition = 0;  ///< number of its definition in the job
  std::uint32_t attempt = 0;     ///< 0 before the first
  std::uint32_t losses = 0;      ///< attempts whose worker was lost
  std::uint32_t forgiven = 0;    ///< attempts that do not count: losses, and those before a rerun
  std::uint64_t fence = 1;       ///< only who has this one may say anything about the task
  std::int32_t priority = 0;
  instant first_ready = 0;                  ///< schedule-to-close counts from here
  instant ready = 0;                        ///< schedule-to-start counts from here
  instant until = 0;                        ///< end of SCHEDULED, RETRY_WAIT, LOST and CANCELLING
  instant heartbeat = 0;                    ///< the last sign of life
  task_state before = task_state::blocked;  ///< PAUSED: where it comes back to
  upstream_counts upstream;
  std::uint32_t items = 0;  ///< of a task that is many: how many; its own record waits for them
  bool expanded = false;    ///< it is many, and they exist
  std::string item;         ///< of one of many: its item
  std::string progress;     ///< what the worker said last
  std::string result;       ///< of SUCCEEDED
  std::string place;        ///< the path of its entry among the ready ones; empty: none
  std::string timer;        ///< the path of its entry among the timers; empty: none
  std::vector<attempt_record> attempts;  ///< oldest first; the last one is the present one
  bool operator==(const task_record&) const = default;
};
inline constexpr std::size_t most_result = 64 * 1024;  ///< bytes
inline constexpr std::size_t most_item = 4 * 1024;     ///< bytes
inline constexpr std::size_t most_words = 1024;        ///< bytes of an error or of progress

/// workers/<id>, ephemeral and written by the worker: text that a plain client can write.
struct worker_record {
  std::uint32_t slots = 1;
  std::int64_t load = 0;  ///< what it has to do beside our tasks
  resources capacity;
  std::vector<std::string> labels;
  bool draining = false;  ///< it takes no new tasks
  bool operator==(const worker_record&) const = default;
};

/// inbox/<worker>: what the worker has.
struct holding_record {
  std::uint64_t session = 0;  ///< the worker's, when it was last seen
  bool gone = false;          ///< its session ended; what it had is being taken back
  std::uint32_t tasks = 0;
  std::int64_t load = 0;
  resources used;
  std::vector<std::string> apart;
  bool operator==(const holding_record&) const = default;
};

/// ready/<class>: tasks of a job that ask for the same; <class> is the job and a hash of this.
struct class_record {
  std::string job;
  demand needs;
  std::uint32_t weight = 1;
  std::string obstacle;  ///< why none of them could be placed when it was last tried
  bool operator==(const class_record&) const = default;
};

/// pools/<pool>.
struct pool_record {
  std::uint32_t limit = 0;  ///< tasks that workers may have at a time
  std::uint32_t used = 0;
  bool paused = false;
  bool operator==(const pool_record&) const = default;
};

}  // namespace scheduler
