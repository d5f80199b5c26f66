/// XXH3 of short keys, inlined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Names, paths and fields are short: the library's call costs as much as the hash itself, and where
// the length is a constant most of the work goes away.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace troupe::tree {

static inline std::uint64_t fast_hash(const void* bytes, std::size_t size,
                                      std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes, size, seed);
}
static inline std::uint64_t fast_hash(std::string_view text, std::uint64_t seed = 0) noexcept {
  return fast_hash(text.data(), text.size(), seed);
}

}  // namespace troupe::tree
