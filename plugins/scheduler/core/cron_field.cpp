#include "core/cron_field.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace scheduler {

namespace {

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_word(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (upper(a[i]) != b[i]) return false;
  return true;
}

bool parse_number(std::string_view text, unsigned& to) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size();
}

troupe::failure bad(std::string_view text, const cron_field& field, const std::string& why) {
  auto message =
      "\"" + std::string{text} + "\" in the field " + std::string{field.name} + " " + why;
  return {message + "; it takes " + std::to_string(field.low) + " to " +
          std::to_string(field.high) + (field.words.empty() ? "" : ", names,") +
          " ranges, lists and steps"};
}

bool parse_value(std::string_view text, const cron_field& field, unsigned& to) noexcept {
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (!same_word(text, field.words[i])) continue;
    to = field.low + static_cast<unsigned>(i);
    return true;
  }
  return parse_number(text, to) && to >= field.low && to <= field.high;
}

/// One element of the list.
troupe::result<std::uint64_t> parse_element(std::string_view text, const cron_field& field) {
  const auto slash = text.find('/');
  const auto range = text.substr(0, slash);
  unsigned step = 1;
  if (slash != text.npos && (!parse_number(text.substr(slash + 1), step) || step == 0)) {
    return bad(text, field, "has a step that is no number above zero");
  }
  unsigned first = field.low, last = field.high;
  if (range != "*" && range != "?") {
    const auto dash = range.find('-');
    if (!parse_value(range.substr(0, dash), field, first)) {
      return bad(text, field, "is not understood");
    }
    if (dash != range.npos) {
      if (!parse_value(range.substr(dash + 1), field, last)) {
        return bad(text, field, "is not understood");
      }
    } else if (slash == text.npos) {
      last = first;
    }
    if (last < first) return bad(text, field, "goes back; write it as two ranges");
  }
  std::uint64_t bits = 0;
  for (unsigned value = first; value <= last; value += std::min(step, 64U))
    bits |= std::uint64_t{1} << value;
  return bits;
}

}  // namespace

troupe::result<std::uint64_t> parse_cron_field(std::string_view text, const cron_field& field) {
  std::uint64_t bits = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto one = parse_element(text.substr(begin, end - begin), field);
    if (!one) return one.error();
    bits |= *one;
    begin = end + 1;
  }
  return bits;
}

}  // namespace scheduler
