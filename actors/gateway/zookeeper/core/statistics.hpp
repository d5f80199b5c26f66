/// What is counted per connection and per gateway, for the four-letter words.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <troupe/base/time.hpp>

namespace troupe::zk {

/// A length of time in whole milliseconds, rounded down.
constexpr std::uint64_t whole_milliseconds(nanoseconds elapsed) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 0)) / 1'000'000;
}

/// Times between a request and its reply, in whole milliseconds.
class latency_summary {
public:
  void add(std::uint64_t ms) noexcept {
    smallest_ = count_ == 0 ? ms : std::min(smallest_, ms);
    largest_ = std::max(largest_, ms);
    total_ += ms;
    ++count_;
  }
  [[nodiscard]] std::uint64_t smallest_ms() const noexcept { return smallest_; }
  [[nodiscard]] std::uint64_t largest_ms() const noexcept { return largest_; }
  /// Rounded down: several readers of the text commands accept nothing but whole numbers.
  [[nodiscard]] std::uint64_t average_ms() const noexcept { return count_ ? total_ / count_ : 0; }

private:
  std::uint64_t smallest_ = 0;
  std::uint64_t largest_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t count_ = 0;
};

/// Packets of one connection, or of all.
struct traffic {
  std::uint64_t packets_received = 0;
  std::uint64_t packets_sent = 0;
  latency_summary latency;
};

/// Requests by their type, since the start of the gateway.
class request_tally {
public:
  void add(std::int32_t type) noexcept { ++counts_[index(type)]; }
  [[nodiscard]] std::uint64_t of(std::int32_t type) const noexcept { return counts_[index(type)]; }

private:
  /// Known types are from -11 to 107, so each has a place of its own.
  static constexpr std::size_t places = 128;
  static std::size_t index(std::int32_t type) noexcept {
    return static_cast<std::uint32_t>(type) % places;
  }
  std::array<std::uint64_t, places> counts_{};
};

/// How many requests took how long, since the start of the gateway. Requests that arrived and were
/// answered together took equally long, so mostly nothing is searched.
class latency_tally {
public:
  /// 50 microseconds to 10 seconds.
  static constexpr std::array<std::int64_t, 17> bounds_ns = {
      50'000,      100'000,       250'000,       500'000,       1'000'000,     2'500'000,
      5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,   250'000'000,
      500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

  void add(nanoseconds elapsed) noexcept {
    if (elapsed != last_) {
      last_ = elapsed;
      bucket_ = static_cast<std::size_t>(
          std::lower_bound(bounds_ns.begin(), bounds_ns.end(), elapsed.count()) -
          bounds_ns.begin());
    }
    ++counts_[bucket_];
    sum_ns_ += elapsed.count();
  }
  [[nodiscard]] const auto& counts() const noexcept { return counts_; }
  [[nodiscard]] std::int64_t sum_ns() const noexcept { return sum_ns_; }

private:
  std::array<std::uint64_t, bounds_ns.size() + 1> counts_{};
  std::int64_t sum_ns_ = 0;
  nanoseconds last_{0};
  std::size_t bucket_ = 0;
};

/// Of a gateway since its start, or since `srst`.
struct gateway_counters {
  traffic all;
  std::uint64_t bytes_received = 0;
  std::uint64_t outstanding = 0;  ///< requests without a reply now
  std::uint64_t held_bytes = 0;   ///< by connections now, as far as it was counted
  std::uint64_t auth_failures = 0;
  std::uint64_t connections_refused = 0;  ///< over a limit
  std::uint64_t accepts_failed = 0;       ///< refused by the system
  std::uint64_t closed_for_memory = 0;    ///< connections that held most when all held too much
  std::uint64_t handshake_timeouts = 0;

  request_tally requests;
  latency_tally latency;
  /// What `srst` has set back to zero.
  struct {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t bytes_received = 0;
  } before_reset;
};

}  // namespace troupe::zk
