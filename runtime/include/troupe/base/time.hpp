/// Points in time and lengths of time, as plain values that come in from outside.
#pragma once

#include <chrono>
#include <cstdint>

namespace troupe {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A point on a clock that never goes back and has no meaning outside its process. Cores get it
/// with their input; nothing in the project reads a clock by itself.
struct monotonic_time {
  nanoseconds since_start{0};
  constexpr auto operator<=>(const monotonic_time&) const noexcept = default;
  friend constexpr monotonic_time operator+(monotonic_time t, nanoseconds d) noexcept {
    return {t.since_start + d};
  }
  friend constexpr nanoseconds operator-(monotonic_time a, monotonic_time b) noexcept {
    return a.since_start - b.since_start;
  }
};

/// Milliseconds since the Unix epoch on the wall clock. It may go back; only Stat's times, TTL and
/// logs use it.
struct wall_time {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const wall_time&) const noexcept = default;
};

}  // namespace troupe
