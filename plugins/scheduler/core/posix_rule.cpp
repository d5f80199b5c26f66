#include "core/posix_rule.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace scheduler {

/// A reader of the few forms there are; every member returns whether it found what it wants.
class posix_rule_parser {
public:
  explicit posix_rule_parser(std::string_view text) : rest_(text) {}

  bool rule(posix_rule& to) {
    if (!name() || !offset(to.standard_)) return false;
    to.standard_ = -to.standard_;  // POSIX counts westward
    to.exists_ = true;
    if (rest_.empty()) return true;
    to.summer_ = true;
    to.summer_offset_ = to.standard_ + 3600;
    if (!name()) return false;
    if (!rest_.empty() && rest_.front() != ',') {
      if (!offset(to.summer_offset_)) return false;
      to.summer_offset_ = -to.summer_offset_;
    }
    return date(to.to_summer_) && date(to.to_standard_) && rest_.empty();
  }

private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size()) {
      const char c = rest_[length];
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      const bool other = quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
      if (!letter && !other) break;
      ++length;
    }
    rest_.remove_prefix(length);
    return length >= 3 && (!quoted || take('>'));
  }
  bool number(int& to, int low, int high) {
    int value = 0;
    std::size_t length = 0;
    for (; length < rest_.size() && length < 3; ++length) {
      const char c = rest_[length];
      if (c < '0' || c > '9') break;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(length);
    to = value;
    return length > 0 && value >= low && value <= high;
  }
  /// [+-]h[h[h]][:mm[:ss]]
  bool offset(std::int32_t& to) {
    const bool minus = take('-');
    if (!minus) take('+');
    int hours = 0, minutes = 0, seconds = 0;
    if (!number(hours, 0, 167)) return false;
    if (take(':') && !number(minutes, 0, 59)) return false;
    if (take(':') && !number(seconds, 0, 59)) return false;
    to = (hours * 60 + minutes) * 60 + seconds;
    if (minus) to = -to;
    return true;
  }
  bool date(posix_rule::date& to) {
    if (!take(',')) return false;
    if (take('M')) {
      to.how = posix_rule::form::month_week_day;
      if (!number(to.month, 1, 12) || !take('.') || !number(to.week, 1, 5) || !take('.') ||
          !number(to.day, 0, 6)) {
        return false;
      }
    } else {
      const bool julian = take('J');
      to.how = julian ? posix_rule::form::julian : posix_rule::form::zero_based;
      if (!number(to.day, julian ? 1 : 0, 365)) return false;
    }
    return !take('/') || offset(to.time);
  }

  std::string_view rest_;
};

troupe::result<posix_rule> posix_rule::parse(std::string_view text) {
  posix_rule result;
  if (text.empty() || posix_rule_parser{text}.rule(result)) return result;
  return troupe::failure{"the rule \"" + std::string{text} + "\" cannot be understood"};
}

std::int64_t posix_rule::local_time(const date& when, int year) {
  using namespace std::chrono;
  sys_days day = std::chrono::year{year} / January / 1;
  switch (when.how) {
  case form::month_week_day: {
    const auto in = std::chrono::year{year} / month{static_cast<unsigned>(when.month)};
    const weekday which{static_cast<unsigned>(when.day)};
    day = when.week == 5 ? sys_days{in / which[last]}
                         : sys_days{in / which[static_cast<unsigned>(when.week)]};
    break;
  }
  case form::julian:  // never counts February 29
    day += days{when.day - 1 + (std::chrono::year{year}.is_leap() && when.day >= 60 ? 1 : 0)};
    break;
  case form::zero_based:
    day += days{when.day};
    break;
  }
  return duration_cast<seconds>(day.time_since_epoch()).count() + when.time;
}

std::array<posix_rule::change, 2> posix_rule::changes(int year) const {
  std::array<change, 2> both = {change{local_time(to_summer_, year) - standard_, summer_offset_},
                                change{local_time(to_standard_, year) - summer_offset_, standard_}};
  if (both[1].utc < both[0].utc) std::swap(both[0], both[1]);
  return both;
}

}  // namespace scheduler
