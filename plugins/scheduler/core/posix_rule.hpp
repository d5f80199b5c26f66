/// The rule at the end of a zoneinfo file: when the clocks change in the years to come.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <troupe/base/result.hpp>

namespace scheduler {

/// A TZ string of POSIX with the hours of RFC 8536, such as "CET-1CEST,M3.5.0,M10.5.0/3".
class posix_rule {
public:
  /// From `utc` on, the clock is `offset` seconds ahead of UTC.
  struct change {
    std::int64_t utc = 0;
    std::int32_t offset = 0;
  };

  /// No rule at all.
  posix_rule() = default;
  /// An empty text is no rule.
  static troupe::result<posix_rule> parse(std::string_view text);

  [[nodiscard]] bool exists() const noexcept { return exists_; }
  [[nodiscard]] bool has_summer() const noexcept { return summer_; }
  [[nodiscard]] std::int32_t standard_offset() const noexcept { return standard_; }
  /// Both changes of a year, in order. Only if there is a summer.
  [[nodiscard]] std::array<change, 2> changes(int year) const;

private:
  friend class posix_rule_parser;
  enum class form : std::uint8_t { month_week_day, julian, zero_based };
  /// A day of the year and the local time, in seconds from its beginning.
  struct date {
    form how = form::julian;
    int month = 1, week = 1, day = 0;
    std::int32_t time = 2 * 3600;
  };
  static std::int64_t local_time(const date& when, int year);

  bool exists_ = false;
  bool summer_ = false;
  std::int32_t standard_ = 0;
  std::int32_t summer_offset_ = 0;
  date to_summer_;
  date to_standard_;
};

}  // namespace scheduler
