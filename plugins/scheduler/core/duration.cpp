#include "core/duration.hpp"

#include <array>
#include <charconv>

namespace scheduler {

namespace {

struct unit {
  std::string_view name;
  std::int64_t ms;
};

/// Longer names first where one begins with another.
constexpr std::array<unit, 5> units = {
    {{"ms", 1}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
constexpr std::int64_t longest = std::int64_t{100} * 366 * 86'400'000;

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) noexcept {
  std::int64_t total = 0, previous = longest;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const unit* which = nullptr;
    for (const auto& one : units)
      if (which == nullptr && text.starts_with(one.name)) which = &one;
    if (which == nullptr || which->ms >= previous || number > longest / which->ms) {
      return std::nullopt;
    }
    text.remove_prefix(which->name.size());
    previous = which->ms;
    total += number * which->ms;
    if (total > longest) return std::nullopt;
  }
  if (previous == longest) return std::nullopt;
  return total;
}

}  // namespace scheduler
