/// Which instants of a schedule become runs: late ones, and those that come while a run is active.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/schedule.hpp"

namespace scheduler {

/// What is done with instants that were missed, because nobody was there to notice them in time.
/// The numbers are those of schemas/scheduler.capnp.
enum class misfire_policy : std::uint8_t {
  fire_once,  ///< the last one that was missed stands for all
  fire_all,   ///< the newest `most_missed` of them, in order
  skip,       ///< none
};

/// Numbers are those of schemas/scheduler.capnp.
enum class overlap_policy : std::uint8_t {
  allow,    ///< runs of a job may be active at the same time, up to `most_active`
  forbid,   ///< an instant that comes while a run is active is dropped
  replace,  ///< active runs are cancelled
  queue,    ///< it waits until no run is active, behind at most `most_queued` others
};

struct misfire_rules {
  misfire_policy policy = misfire_policy::fire_once;
  std::uint32_t most_missed = 10;
  /// An instant is missed if it is later than this when it is noticed.
  duration tolerance = 60'000;
  /// An instant that is later than this is never made up for. 0: no such limit.
  duration start_deadline = 0;
  bool operator==(const misfire_rules&) const = default;
};

struct due_instants {
  std::vector<instant> fire;      ///< ascending
  bool dropped_any = false;       ///< some instants become no runs
  std::optional<instant> newest;  ///< the last one that was due, whatever became of it
};

/// What is due in (last, now]. Instants that are not missed are all fired, at most `most` per call;
/// if there are more, `newest` is where the next call goes on.
due_instants due_within(const schedule& when, instant last, instant now, const misfire_rules& rules,
                        std::size_t most);

struct overlap_rules {
  overlap_policy policy = overlap_policy::allow;
  std::uint32_t most_active = 100;
  std::uint32_t most_queued = 10;
  bool operator==(const overlap_rules&) const = default;
};

enum class overlap_verdict : std::uint8_t { start, drop, enqueue, replace };

/// What becomes of an instant while `active` runs are, and `queued` instants wait.
overlap_verdict decide_overlap(const overlap_rules& rules, std::size_t active,
                               std::size_t queued) noexcept;

/// Whether a waiting instant may become a run.
bool may_dequeue(const overlap_rules& rules, std::size_t active) noexcept;

}  // namespace scheduler
