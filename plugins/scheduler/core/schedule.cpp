#include "core/schedule.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include <troupe/base/prng.hpp>

#include "core/duration.hpp"

namespace scheduler {

namespace {

constexpr std::int64_t twelve_years_s = std::int64_t{12} * 366 * 86400;
/// Instants beyond this (the year 12,000) are never due.
constexpr instant farthest = std::int64_t{316'000'000'000} * 1000;

std::int64_t floor_seconds(instant ms) { return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000); }

/// What of the local times of `now` may be due, from its beginning on: the clock may have been put
/// forward (then what it skipped is due at once) or back (then it was due already).
std::int64_t first_local(const cron_schedule& when, const time_zone::period& now) {
  if (now.begin == -time_zone::always || when.repeat_dst) return now.begin + now.offset;
  const auto before = when.zone.at(now.begin - 1).offset;
  return now.begin + std::max(now.offset, before);
}

/// Whether the clock's jump at the beginning of `now` skipped a time that is due.
bool skipped_any(const cron_schedule& when, const time_zone::period& now) {
  const auto before = when.zone.at(now.begin - 1).offset;
  return before < now.offset &&
         when.times.next(now.begin + before, now.begin + now.offset).has_value();
}

std::optional<std::int64_t> next_second(const cron_schedule& when, std::int64_t after) {
  auto utc = after + 1;
  const auto last = utc + twelve_years_s;
  while (utc < last) {
    const auto now = when.zone.at(utc);
    const bool changed = now.begin != -time_zone::always;
    if (changed && utc == now.begin && skipped_any(when, now)) return utc;
    auto from = utc + now.offset;
    if (changed) from = std::max(from, first_local(when, now));
    const auto limit = now.end == time_zone::always ? last + now.offset : now.end + now.offset;
    if (const auto local = when.times.next(from, limit)) return *local - now.offset;
    if (now.end == time_zone::always) return std::nullopt;
    utc = now.end;
  }
  return std::nullopt;
}

std::optional<instant> next_of(const cron_schedule& when, instant after) {
  const auto found = next_second(when, floor_seconds(after));
  if (!found) return std::nullopt;
  return *found * 1000;
}

std::optional<instant> next_of(const interval_schedule& when, instant after) {
  const auto whole = after >= 0 ? after / when.every : -((-after + when.every - 1) / when.every);
  return (whole + 1) * when.every;
}

std::optional<instant> next_of(const single_schedule& when, instant after) {
  if (when.at <= after) return std::nullopt;
  return when.at;
}

}  // namespace

troupe::result<schedule> parse_schedule(std::string_view text, const time_zone& zone,
                                        bool repeat_dst) {
  constexpr std::string_view every = "@every ", at = "@at ";
  if (text.starts_with(every)) {
    const auto period = parse_duration(text.substr(every.size()));
    if (!period || *period < 1000 || *period % 1000 != 0) {
      return troupe::failure{"\"" + std::string{text} +
                             "\" is no interval; write whole seconds, "
                             "at least one, such as @every 1h30m or @every 90s"};
    }
    return schedule{interval_schedule{*period}};
  }
  if (text.starts_with(at)) {
    const auto number = text.substr(at.size());
    instant when = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), when);
    if (error != std::errc{} || end != number.data() + number.size() || when <= 0 ||
        when > farthest) {
      return troupe::failure{"\"" + std::string{text} +
                             "\" is no point in time; write the "
                             "milliseconds since 1970, such as @at 1766000000000"};
    }
    return schedule{single_schedule{when}};
  }
  const auto times = cron::parse(text);
  if (!times) return times.error();
  return schedule{cron_schedule{*times, zone, repeat_dst}};
}

std::optional<instant> next_after(const schedule& when, instant after) {
  after = std::clamp(after, -farthest, farthest);
  const auto found = std::visit([&](const auto& one) { return next_of(one, after); }, when);
  return found && *found <= farthest ? found : std::nullopt;
}

std::optional<instant> last_within(const schedule& when, instant after, instant until) {
  const auto due = [&](instant from) {
    const auto found = next_after(when, from);
    return found && *found <= until ? found : std::nullopt;
  };
  auto best = due(after);
  if (!best) return std::nullopt;
  // Whether something is due after a moment is true up to the last instant, and then false.
  auto low = *best, high = until;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (const auto found = due(middle)) {
      best = low = *found;
    } else {
      high = middle;
    }
  }
  return best;
}

std::vector<instant> newest_within(const schedule& when, instant after, instant until,
                                   std::size_t most) {
  std::vector<instant> found;
  while (found.size() < most) {
    const auto one = last_within(when, after, until);
    if (!one) break;
    found.push_back(*one);
    until = *one - 1;
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<instant> oldest_within(const schedule& when, instant after, instant until,
                                   std::size_t most) {
  std::vector<instant> found;
  while (found.size() < most) {
    const auto one = next_after(when, after);
    if (!one || *one > until) break;
    found.push_back(*one);
    after = *one;
  }
  return found;
}

duration jitter(std::string_view job, instant due, duration most) noexcept {
  if (most <= 0) return 0;
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : job)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  troupe::prng random{hash ^ static_cast<std::uint64_t>(due)};
  return static_cast<duration>(random.below(static_cast<std::uint64_t>(most) + 1));
}

}  // namespace scheduler
