#include "core/time_zone.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace scheduler {

namespace {

/// Two days are more than any offset, and less than lies between most changes.
constexpr std::int64_t two_days = 2 * 86400;
/// What the calendar can count; the year 19,000.
constexpr std::int64_t farthest = std::int64_t{1} << 39;

/// Takes numbers from the front of bytes, big-endian.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

  bool has(std::uint64_t bytes) const { return rest_.size() >= bytes; }
  std::string_view take(std::size_t bytes) {
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char c : take(bytes))
      value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::int64_t time(std::size_t bytes) {
    const auto value = number(bytes);
    return bytes == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
  }
  std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

struct header {
  char version = 0;
  std::uint64_t utc = 0, standard = 0, leaps = 0, times = 0, types = 0, chars = 0;

  std::uint64_t bytes(std::uint64_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + chars + leaps * (time_bytes + 4) + standard + utc;
  }
};

constexpr std::size_t header_bytes = 44;

bool read(byte_reader& from, header& to) {
  if (!from.has(header_bytes) || from.take(4) != "TZif") return false;
  to.version = from.take(1).front();
  from.take(15);
  for (auto* count : {&to.utc, &to.standard, &to.leaps, &to.times, &to.types, &to.chars})
    *count = from.number(4);
  return true;
}

int year_of(std::int64_t utc) {
  using namespace std::chrono;
  const sys_days day{floor<days>(sys_seconds{seconds{utc}})};
  return static_cast<int>(year_month_day{day}.year());
}

troupe::failure broken(const std::string& what) { return {"this is not a zoneinfo file: " + what}; }

}  // namespace

troupe::result<time_zone> time_zone::from_tzif(std::string_view bytes) {
  byte_reader from{bytes};
  header head;
  if (!read(from, head)) return broken("it does not begin with TZif and a header");
  std::size_t time_bytes = 4;
  if (head.version >= '2') {  // the first part is for old readers, and only for some years
    if (!from.has(head.bytes(4))) return broken("it is cut off");
    from.take(static_cast<std::size_t>(head.bytes(4)));
    if (!read(from, head)) return broken("its second part is missing");
    time_bytes = 8;
  }
  if (!from.has(head.bytes(time_bytes))) return broken("it is cut off");
  if (head.types == 0 || head.types > 256) return broken("it has no types of local time");
  if (head.leaps > 0) return broken("it counts leap seconds; take one that is not below right/");

  time_zone zone;
  for (std::uint64_t i = 0; i < head.times; ++i) {
    zone.changes_.push_back(from.time(time_bytes));
    if (i > 0 && zone.changes_[i] <= zone.changes_[i - 1]) return broken("its times go back");
  }
  const auto types_used = from.take(static_cast<std::size_t>(head.times));
  std::vector<std::int32_t> offsets;
  for (std::uint64_t i = 0; i < head.types; ++i) {
    offsets.push_back(static_cast<std::int32_t>(from.time(4)));
    from.take(2);
    if (std::abs(std::int64_t{offsets.back()}) > 26 * 3600) return broken("an offset is absurd");
  }
  zone.offsets_ = {offsets.front()};
  for (const char type : types_used) {
    const auto index = static_cast<unsigned char>(type);
    if (index >= offsets.size()) return broken("it uses a type that it does not have");
    zone.offsets_.push_back(offsets[index]);
  }
  from.take(static_cast<std::size_t>(head.chars + head.standard + head.utc));
  if (time_bytes == 8) {
    auto footer = from.rest();
    if (footer.size() < 2 || footer.front() != '\n' || footer.find('\n', 1) == footer.npos) {
      return broken("the rule at its end is cut off");
    }
    auto rule = posix_rule::parse(footer.substr(1, footer.find('\n', 1) - 1));
    if (!rule) return rule.error();
    zone.rule_ = *rule;
  }
  return zone;
}

time_zone::period time_zone::at(std::int64_t utc) const {
  utc = std::clamp(utc, -farthest, farthest);
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), utc);
  const auto index = static_cast<std::size_t>(next - changes_.begin());
  period result{index == 0 ? -always : changes_[index - 1], next == changes_.end() ? always : *next,
                offsets_[index]};
  if (next != changes_.end() || !rule_.exists()) return result;
  if (!rule_.has_summer()) {
    result.offset = rule_.standard_offset();
    return result;
  }
  // The changes around this moment; the first of them is long past, so it only tells the offset.
  const auto year = year_of(utc);
  for (int one = year - 2; one <= year + 2; ++one) {
    for (const auto& change : rule_.changes(one)) {
      if (change.utc <= utc) {
        result.begin = std::max(result.begin, change.utc);
        result.offset = change.offset;
      } else if (change.offset != result.offset) {
        result.end = change.utc;
        return result;
      }
    }
  }
  return result;
}

time_zone::moments time_zone::when(std::int64_t local) const {
  moments found;
  int times = 0;
  std::int64_t jump = 0;
  auto now = at(local - two_days);
  while (true) {
    const auto utc = local - now.offset;
    if (utc >= now.begin && utc < now.end) {
      (times++ == 0 ? found.first : found.second) = utc;
    }
    if (now.end == always || now.end > local + two_days) break;
    const auto next = at(now.end);
    if (now.end + now.offset <= local && local < now.end + next.offset) jump = now.end;
    now = next;
  }
  if (times == 1) return {kind::once, found.first, found.first};
  if (times == 0) return {kind::never, jump, jump};
  return {kind::twice, found.first, found.second};
}

bool is_zone_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '_' && c != '-' && c != '+' && c != '/') return false;
    if (c == '/' && name[i + 1] == '/') return false;
  }
  return true;
}

}  // namespace scheduler
