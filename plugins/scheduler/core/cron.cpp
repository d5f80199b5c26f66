#include "core/cron.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <string>
#include <vector>

#include "core/cron_field.hpp"

namespace scheduler {

namespace {

constexpr int day_seconds = 86400;
constexpr std::int64_t twelve_years = std::int64_t{12} * 366 * day_seconds;

constexpr std::array<std::string_view, 12> month_words = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_words = {"SUN", "MON", "TUE", "WED",
                                                           "THU", "FRI", "SAT"};

constexpr std::array<std::array<std::string_view, 2>, 7> shorthands = {{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos) return words;
    text.remove_prefix(begin);
    const auto length = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

bool is_any(std::string_view text) { return text.front() == '*' || text.front() == '?'; }

/// The first bit at `from` or above; 64 if there is none.
unsigned first_bit(std::uint64_t bits, unsigned from) noexcept {
  if (from > 63) return 64;
  return static_cast<unsigned>(std::countr_zero(bits >> from << from));
}

bool has_bit(std::uint64_t bits, unsigned which) noexcept { return (bits >> which & 1) != 0; }

}  // namespace

troupe::result<cron> cron::parse(std::string_view text) {
  const auto given = text;
  for (const auto& [name, meaning] : shorthands)
    if (text == name) text = meaning;
  auto words = words_of(text);
  if (words.size() == 5) words.insert(words.begin(), "0");
  if (words.size() != 6) {
    return troupe::failure{"\"" + std::string{given} +
                           "\" is no cron expression; write five "
                           "fields (minute hour day month weekday), six with seconds in front, "
                           "or one of @hourly, @daily, @weekly, @monthly, @yearly"};
  }
  const std::array<cron_field, 6> fields = {{{"second", 0, 59},
                                             {"minute", 0, 59},
                                             {"hour", 0, 23},
                                             {"day", 1, 31},
                                             {"month", 1, 12, month_words},
                                             {"weekday", 0, 7, weekday_words}}};
  std::array<std::uint64_t, 6> bits{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto one = parse_cron_field(words[i], fields[i]);
    if (!one) return one.error();
    bits[i] = *one;
  }
  cron result;
  result.seconds_ = bits[0];
  result.minutes_ = bits[1];
  result.hours_ = static_cast<std::uint32_t>(bits[2]);
  result.days_ = static_cast<std::uint32_t>(bits[3]);
  result.months_ = static_cast<std::uint32_t>(bits[4]);
  result.weekdays_ = static_cast<std::uint32_t>((bits[5] | bits[5] >> 7) & 0x7f);
  result.any_day_ = is_any(words[3]);
  result.any_weekday_ = is_any(words[5]);
  return result;
}

bool cron::has_day(unsigned month, unsigned day, unsigned weekday) const noexcept {
  if (!has_bit(months_, month)) return false;
  const bool by_day = has_bit(days_, day);
  const bool by_weekday = has_bit(weekdays_, weekday);
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<int> cron::next_in_day(int second_of_day) const noexcept {
  auto hour = static_cast<unsigned>(second_of_day / 3600);
  auto minute = static_cast<unsigned>(second_of_day / 60 % 60);
  auto second = first_bit(seconds_, static_cast<unsigned>(second_of_day % 60));
  if (second > 59) {
    ++minute;
    second = first_bit(seconds_, 0);
  }
  if (const auto found = first_bit(minutes_, minute); found != minute) {
    minute = found;
    second = first_bit(seconds_, 0);
  }
  if (minute > 59) {
    ++hour;
    minute = first_bit(minutes_, 0);
    second = first_bit(seconds_, 0);
  }
  if (const auto found = first_bit(hours_, hour); found != hour) {
    hour = found;
    minute = first_bit(minutes_, 0);
    second = first_bit(seconds_, 0);
  }
  if (hour > 23) return std::nullopt;
  return static_cast<int>((hour * 60 + minute) * 60 + second);
}

std::optional<std::int64_t> cron::next(std::int64_t from, std::int64_t limit) const {
  using namespace std::chrono;
  const auto last = std::min(limit, from + twelve_years);
  auto day = floor<days>(sys_seconds{seconds{from}});
  auto in_day = static_cast<int>(from - duration_cast<seconds>(day.time_since_epoch()).count());
  while (true) {
    const auto day_begins = duration_cast<seconds>(day.time_since_epoch()).count();
    if (day_begins >= last) return std::nullopt;
    const year_month_day date{day};
    const auto month = static_cast<unsigned>(date.month());
    if (!has_bit(months_, month)) {
      day = sys_days{(date.year() / date.month() + months{1}) / 1};
      in_day = 0;
      continue;
    }
    if (has_day(month, static_cast<unsigned>(date.day()), weekday{day}.c_encoding())) {
      if (const auto found = next_in_day(in_day)) {
        const auto result = day_begins + *found;
        if (result < last) return result;
        return std::nullopt;
      }
    }
    day += days{1};
    in_day = 0;
  }
}

bool cron::contains(std::int64_t local) const { return next(local, local + 1).has_value(); }

}  // namespace scheduler
