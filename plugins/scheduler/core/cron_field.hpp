/// One field of a cron expression.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <troupe/base/result.hpp>

namespace scheduler {

/// What a field may contain.
struct cron_field {
  std::string_view name;  ///< for messages
  unsigned low = 0;
  unsigned high = 0;                             ///< at most 63
  std::span<const std::string_view> words = {};  ///< of the values from `low` on
};

/// The values that a field's text means, as bits. `text` is `*`, `?` or a list of numbers, names
/// and ranges, each with an optional step.
troupe::result<std::uint64_t> parse_cron_field(std::string_view text, const cron_field& field);

}  // namespace scheduler
