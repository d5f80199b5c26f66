/// How long to wait before one tries again.
#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/base/time.hpp>

namespace troupe {

/// At once after a success, then 10 ms, then twice as long each time, up to a bound. Each wait is
/// shortened by up to a half at random, so that servers which lost each other at one moment do not
/// come back at one moment.
class backoff {
public:
  static constexpr nanoseconds shortest{10'000'000};

  explicit backoff(nanoseconds longest) noexcept : longest_(std::max(longest, shortest)) {}

  /// The next wait.
  /// @param random any number; it decides the jitter.
  nanoseconds next(std::uint64_t random) noexcept {
    if (wait_ == nanoseconds{0}) {
      wait_ = shortest;
      return nanoseconds{0};
    }
    const auto whole = wait_;
    wait_ = std::min(wait_ * 2, longest_);
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return whole - nanoseconds{static_cast<std::int64_t>(random % (half + 1))};
  }
  void succeeded() noexcept { wait_ = nanoseconds{0}; }

private:
  nanoseconds longest_;
  nanoseconds wait_{0};
};

}  // namespace troupe
