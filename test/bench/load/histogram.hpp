/// Latencies in logarithmic buckets: a fixed size, an error below one percent, no allocation.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bench {

/// Counts of durations in nanoseconds.
class histogram {
public:
  void add(std::uint64_t ns) noexcept {
    ++counts_[bucket(ns)];
    ++total_;
    sum_ += ns;
    if (ns > max_) {
      max_ = ns;
    }
  }
  void clear() noexcept { *this = {}; }

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  [[nodiscard]] double mean() const noexcept {
    return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_);
  }

  /// The duration that a share `q` (0 to 1) of the samples does not exceed; 0 without samples.
  [[nodiscard]] std::uint64_t quantile(double q) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && seen > 0) {
        const auto edge = upper_edge(i);
        return edge < max_ ? edge : max_;
      }
    }
    return max_;
  }

private:
  static constexpr unsigned sub_bits = 7;
  static constexpr std::size_t sub_buckets = 1U << sub_bits;

  // Below sub_buckets one bucket per nanosecond; above, sub_buckets per power of two.
  static std::size_t bucket(std::uint64_t ns) noexcept {
    if (ns < sub_buckets) {
      return ns;
    }
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - sub_bits - 1;
    return (shift + 1) * sub_buckets + ((ns >> shift) - sub_buckets);
  }
  static std::uint64_t upper_edge(std::size_t index) noexcept {
    if (index < sub_buckets) {
      return index;
    }
    const auto shift = index / sub_buckets - 1;
    return ((index % sub_buckets + sub_buckets + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - sub_bits + 1) * sub_buckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace bench
