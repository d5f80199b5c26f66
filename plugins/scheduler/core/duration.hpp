/// Lengths of time as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace scheduler {

/// `1h30m`, `90s`, `1d`, `250ms` in milliseconds: whole numbers, each with a unit, from the largest
/// to the smallest. Nothing for other texts and above 100 years.
std::optional<std::int64_t> parse_duration(std::string_view text) noexcept;

}  // namespace scheduler
