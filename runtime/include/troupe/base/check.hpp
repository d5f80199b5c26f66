/// Assertions that stay on in release builds.
#pragma once

#include <string_view>

namespace troupe {

/// Says which invariant does not hold, where, and ends the process: going on with a broken
/// invariant could acknowledge what is not true. Never for errors that input can cause.
[[noreturn]] void check_failed(std::string_view condition, std::string_view explanation,
                               std::string_view file, int line) noexcept;

}  // namespace troupe

/// Ends the process unless `condition` holds; `explanation` says what it means that it does not.
#define TROUPE_CHECK(condition, explanation)                                                       \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::troupe::check_failed(#condition, explanation, __FILE__, __LINE__);                         \
  } while (false)
