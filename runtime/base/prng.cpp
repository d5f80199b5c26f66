#include <troupe/base/prng.hpp>

#include <bit>

namespace troupe {
namespace {

std::uint64_t splitmix(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

prng::prng(std::uint64_t seed) noexcept {
  for (auto& word : state_)
    word = splitmix(seed);
}

std::uint64_t prng::operator()() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t prng::below(std::uint64_t bound) noexcept {
  // The bias is below 2^-32 for the small bounds used here.
  return (*this)() % bound;
}

}  // namespace troupe
