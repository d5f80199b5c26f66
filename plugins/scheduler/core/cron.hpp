/// Cron expressions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <troupe/base/result.hpp>

namespace scheduler {

/// A set of local times: `[second] minute hour day month weekday`, each `*`, a number, a name
/// (JAN, MON), a range, a list of them, with steps (`*/5`, `8-18/2`, `30/10`). Five fields mean
/// second 0. If both day and weekday are restricted (do not begin with `*` or `?`), one of them is
/// enough, as cron always did. Weekday 0 and 7 are Sunday. Also `@yearly` (`@annually`),
/// `@monthly`, `@weekly`, `@daily` (`@midnight`), `@hourly`.
class cron {
public:
  /// The failure says which field is wrong, and what could stand there.
  static troupe::result<cron> parse(std::string_view text);

  /// The first local time in [from, limit) that belongs to the set, in seconds as if the local
  /// clock were at UTC. Nothing if there is none, or none for twelve years (such as February 30;
  /// the longest real gap is eight years, from 2096 to 2104).
  [[nodiscard]] std::optional<std::int64_t> next(std::int64_t from, std::int64_t limit) const;
  [[nodiscard]] bool contains(std::int64_t local) const;

private:
  [[nodiscard]] bool has_day(unsigned month, unsigned day, unsigned weekday) const noexcept;
  [[nodiscard]] std::optional<int> next_in_day(int second_of_day) const noexcept;

  std::uint64_t seconds_ = 1, minutes_ = 0;
  std::uint32_t hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  bool any_day_ = true, any_weekday_ = true;
};

}  // namespace scheduler
