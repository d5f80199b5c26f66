/// A seeded source of random numbers.
#pragma once

#include <cstdint>

namespace troupe {

/// Deterministic random numbers (xoshiro256** seeded by splitmix64, after Blackman and Vigna).
/// Equal seeds give equal sequences on every machine. Not for secrets.
class prng {
public:
  using result_type = std::uint64_t;

  explicit prng(std::uint64_t seed) noexcept;

  std::uint64_t operator()() noexcept;
  static constexpr std::uint64_t min() noexcept { return 0; }
  static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

  /// A number in [0, bound). `bound` must not be zero.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// True in `numerator` of `denominator` cases.
  bool chance(std::uint64_t numerator, std::uint64_t denominator) noexcept {
    return below(denominator) < numerator;
  }
  /// A new generator whose sequence is independent of this one's further use.
  prng fork() noexcept { return prng{(*this)()}; }

private:
  std::uint64_t state_[4];
};

}  // namespace troupe
