/// When a job is due.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/cron.hpp"
#include "core/time_zone.hpp"

namespace scheduler {

/// Milliseconds since the Unix epoch.
using instant = std::int64_t;
/// Milliseconds.
using duration = std::int64_t;

/// A local time that the clocks skip is due once, at the moment they jump; one that they show
/// twice is due the first time, unless `repeat_dst`.
struct cron_schedule {
  cron times;
  time_zone zone;
  bool repeat_dst = false;
};
/// Every whole multiple of a period since the epoch.
struct interval_schedule {
  duration every = 1000;
};
/// Once.
struct single_schedule {
  instant at = 0;
};
using schedule = std::variant<cron_schedule, interval_schedule, single_schedule>;

/// Reads `@every 90s`, `@at 1766000000000` (milliseconds since the epoch), or a cron expression,
/// which is meant for `zone`. Periods are whole seconds, at least one.
troupe::result<schedule> parse_schedule(std::string_view text, const time_zone& zone,
                                        bool repeat_dst);

/// The first instant after `after` when it is due. Nothing if there is none, or none for twelve
/// years.
std::optional<instant> next_after(const schedule& when, instant after);
/// The last instant in (after, until].
std::optional<instant> last_within(const schedule& when, instant after, instant until);
/// The newest instants in (after, until], at most `most` of them, oldest first.
std::vector<instant> newest_within(const schedule& when, instant after, instant until,
                                   std::size_t most);
/// The oldest instants in (after, until], at most `most` of them, oldest first.
std::vector<instant> oldest_within(const schedule& when, instant after, instant until,
                                   std::size_t most);

/// A delay in [0, most], always the same for the same job and instant, so that jobs that are due
/// at the same time do not all begin at the same time.
duration jitter(std::string_view job, instant due, duration most) noexcept;

}  // namespace scheduler
