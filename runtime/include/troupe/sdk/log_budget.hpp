#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <troupe/base/time.hpp>

namespace troupe::sdk {

/// How often something may be logged that outsiders can cause as often as they like: `burst` times
/// at once, and once more for every `period` that passes. What is left out is counted, so that the
/// next line can say how much that was. Pure; one thread at a time.
class log_budget {
public:
  constexpr log_budget(std::int64_t burst, nanoseconds period) noexcept
      : period_(period), room_(period * (burst - 1)) {}

  /// It happened at `now`. If it may be logged: the number of those left out since the last line.
  std::optional<std::uint64_t> take(monotonic_time now) noexcept {
    if (!has_room(now)) {
      ++left_out_;
      return std::nullopt;
    }
    spend(now);
    return std::exchange(left_out_, 0);
  }

  /// The number left out, once a line is allowed again and if there are any; forgets them. For a
  /// timer, so that the end of a flood is told too.
  std::optional<std::uint64_t> take_left_out(monotonic_time now) noexcept {
    if (left_out_ == 0 || !has_room(now)) return std::nullopt;
    spend(now);
    return std::exchange(left_out_, 0);
  }

private:
  [[nodiscard]] bool has_room(monotonic_time now) const noexcept {
    return !paid_until_ || *paid_until_ - now <= room_;
  }
  void spend(monotonic_time now) noexcept {
    paid_until_ =
        monotonic_time{std::max(now.since_start, paid_until_.value_or(now).since_start) + period_};
  }

  nanoseconds period_;
  nanoseconds room_;  ///< how far ahead of time lines may be
  std::optional<monotonic_time> paid_until_;
  std::uint64_t left_out_ = 0;
};

}  // namespace troupe::sdk
