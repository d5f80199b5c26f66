#include "runtime/config/scalars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "runtime/config/diagnostic.hpp"

namespace troupe::config {

namespace {

/// A unit and how many of the smallest unit it holds; tables go from small to large.
struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<unit, 5> size_units{{{"B", 1},
                                          {"KiB", std::int64_t{1} << 10},
                                          {"MiB", std::int64_t{1} << 20},
                                          {"GiB", std::int64_t{1} << 30},
                                          {"TiB", std::int64_t{1} << 40}}};

constexpr std::array<unit, 6> duration_units{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};

constexpr const char* size_hint =
    "write a whole number and one of B, KiB, MiB, GiB, TiB, such as 64MiB";
constexpr const char* duration_hint =
    "write a whole number and one of ns, us, ms, s, m, h, such as 200ms";

/// What a unit was probably meant to be, by its letters in lower case.
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> usual_slips{
    {{"b", "B"},       {"byte", "B"},    {"bytes", "B"}, {"k", "KiB"},    {"kb", "KiB"},
     {"kib", "KiB"},   {"mb", "MiB"},    {"mib", "MiB"}, {"g", "GiB"},    {"gb", "GiB"},
     {"gib", "GiB"},   {"t", "TiB"},     {"tb", "TiB"},  {"tib", "TiB"},  {"msec", "ms"},
     {"millis", "ms"}, {"sec", "s"},     {"secs", "s"},  {"second", "s"}, {"seconds", "s"},
     {"min", "m"},     {"minutes", "m"}, {"ki", "KiB"},  {"mi", "MiB"},   {"gi", "GiB"},
     {"ti", "TiB"}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// The table's unit that a wrong one stands for, or nothing.
std::optional<std::string_view> meant_unit(std::string_view wrong, std::span<const unit> table) {
  const auto word = lower(wrong);
  const auto in_table = [&](std::string_view name) {
    return std::any_of(table.begin(), table.end(), [&](const unit& u) { return u.name == name; });
  };
  for (const auto& known : table) {
    if (known.name == word) return known.name;
  }
  for (const auto& [slip, meant] : usual_slips) {
    if (slip == word && in_table(meant)) return meant;
  }
  if (word == "m" && in_table("MiB")) return "MiB";
  return std::nullopt;
}

bool has_leading_zero(std::string_view digits) {
  return digits.size() > 1 && digits.front() == '0';
}

complaint no_octal(std::string_view text, std::string_view digits, std::string_view rest) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return {quoted(text) + " begins with a zero, which could be read as octal",
          "write " + std::string(digits) + std::string(rest)};
}

/// A whole number and a unit from a table.
parsed<std::int64_t> parse_quantity(std::string_view text, std::span<const unit> table,
                                    const char* kind, const char* usual_hint) {
  const auto end =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const auto digits = text.substr(0, end);
  const auto suffix = text.substr(end);
  const std::string no_kind = quoted(text) + " is not a " + kind;
  if (digits.empty()) return complaint{no_kind, usual_hint};
  if (suffix.empty()) {
    return complaint{no_kind + ": the unit is missing", usual_hint};
  }
  const auto known =
      std::find_if(table.begin(), table.end(), [&](const unit& u) { return u.name == suffix; });
  if (known == table.end()) {
    const auto meant = meant_unit(suffix, table);
    if (!meant) return complaint{no_kind, usual_hint};
    return complaint{no_kind + ": there is no unit " + quoted(suffix),
                     "did you mean " + std::string(digits) + std::string(*meant) + "?"};
  }
  if (has_leading_zero(digits)) return no_octal(text, digits, suffix);
  std::int64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc{} ||
      number > std::numeric_limits<std::int64_t>::max() / known->factor) {
    return complaint{quoted(text) + " is too large for a " + kind, {}};
  }
  return number * known->factor;
}

std::string format_quantity(std::int64_t value, std::span<const unit> table) {
  auto best = table.front();
  for (const auto& candidate : table) {
    if (value != 0 && value % candidate.factor == 0) best = candidate;
  }
  return std::to_string(value / best.factor) + std::string(best.name);
}

}  // namespace

parsed<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  const auto word = lower(text);
  std::string hint = "write true or false";
  if (word == "yes" || word == "on" || word == "y" || word == "true" || word == "1") {
    hint = "write true";
  } else if (word == "no" || word == "off" || word == "n" || word == "false" || word == "0") {
    hint = "write false";
  }
  return complaint{quoted(text) + " is not a boolean", hint};
}

parsed<std::int64_t> parse_integer(std::string_view text) {
  auto digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return complaint{quoted(text) + " is not a whole number",
                     "write decimal digits only, such as 1000"};
  }
  if (has_leading_zero(digits)) return no_octal(text, digits, "");
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) {
    return complaint{quoted(text) + " is too large for a number", {}};
  }
  return number;
}

parsed<std::uint64_t> parse_size(std::string_view text) {
  auto result = parse_quantity(text, size_units, "size", size_hint);
  if (!result.value) return std::move(result.problem);
  return static_cast<std::uint64_t>(*result.value);
}

parsed<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  auto result = parse_quantity(text, duration_units, "duration", duration_hint);
  if (!result.value) return std::move(result.problem);
  return std::chrono::nanoseconds(*result.value);
}

std::string format_size(std::uint64_t bytes) {
  return format_quantity(static_cast<std::int64_t>(bytes), size_units);
}

std::string format_duration(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0s";
  return format_quantity(duration.count(), duration_units);
}

}  // namespace troupe::config
