/// What is counted per connection and per gateway, for the four-letter words.
#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/base/time.hpp>

namespace troupe::zk {

/// Times between a request and its reply, in whole milliseconds.
class latency_summary {
public:
  void add(nanoseconds elapsed) noexcept {
    const auto ms =
        static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed.count(), 0) / 1'000'000);
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

/// Of a gateway since its start, or since `srst`.
struct gateway_counters {
  traffic all;
  std::uint64_t bytes_received = 0;
  std::uint64_t outstanding = 0;  ///< requests without a reply now
  std::uint64_t auth_failures = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t handshake_timeouts = 0;
};

}  // namespace troupe::zk
