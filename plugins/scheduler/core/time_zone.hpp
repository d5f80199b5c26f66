/// The clock on the wall of a place, from the bytes of a zoneinfo file.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include <troupe/base/result.hpp>

#include "core/posix_rule.hpp"

namespace scheduler {

/// A time zone with its past and future changes. Times are seconds since the Unix epoch; a *local*
/// time is what the clock on the wall shows, counted as if that clock were at UTC.
class time_zone {
public:
  static constexpr std::int64_t always = std::numeric_limits<std::int64_t>::max();

  /// From `begin` to before `end` the clock is `offset` seconds ahead of UTC. The first period
  /// begins at `-always`, the last one ends at `always`.
  struct period {
    std::int64_t begin = -always;
    std::int64_t end = always;
    std::int32_t offset = 0;
  };
  enum class kind : std::uint8_t { once, never, twice };
  /// When the clock shows a local time: once, twice (the clock was put back), or never (it was put
  /// forward; then both are the moment of that change).
  struct moments {
    kind how = kind::once;
    std::int64_t first = 0;
    std::int64_t second = 0;
  };

  /// UTC.
  time_zone() : offsets_{0} {}
  /// Reads TZif (RFC 8536), of version 2 or later with the rule for the years to come. Any bytes
  /// will do; those that make no sense give a failure that says what is wrong. Files with leap
  /// seconds are refused: nothing else here counts them.
  static troupe::result<time_zone> from_tzif(std::string_view bytes);

  /// The period that contains a moment.
  [[nodiscard]] period at(std::int64_t utc) const;
  [[nodiscard]] moments when(std::int64_t local) const;

private:
  std::vector<std::int64_t> changes_;  ///< moments of change, ascending
  std::vector<std::int32_t> offsets_;  ///< before the first change, and after each
  posix_rule rule_;                    ///< from the last change on, if it has one
};

/// Whether a name could be one of the zoneinfo database: "Europe/Berlin". It never leads out of the
/// database's folder.
bool is_zone_name(std::string_view name) noexcept;

}  // namespace scheduler
