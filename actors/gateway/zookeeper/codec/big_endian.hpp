/// Numbers in the order of the network.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::zk {

static_assert(std::endian::native == std::endian::little, "else nothing would be swapped");

inline std::uint32_t swapped(std::uint32_t value) noexcept { return __builtin_bswap32(value); }
inline std::uint64_t swapped(std::uint64_t value) noexcept { return __builtin_bswap64(value); }
inline std::int32_t swapped(std::int32_t value) noexcept {
  return static_cast<std::int32_t>(swapped(static_cast<std::uint32_t>(value)));
}
inline std::int64_t swapped(std::int64_t value) noexcept {
  return static_cast<std::int64_t>(swapped(static_cast<std::uint64_t>(value)));
}

template <class T>
void store_big_endian(char* to, T value) noexcept {
  value = swapped(value);
  std::memcpy(to, &value, sizeof value);
}

/// `from` has room for a `T`.
template <class T>
T load_big_endian(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return swapped(value);
}

/// `Size` bytes of numbers, put together where the compiler can keep them in registers, so that a
/// buffer grows once for all of them.
template <std::size_t Size>
class fixed_bytes {
public:
  template <class... T>
  explicit fixed_bytes(T... values) noexcept {
    (add(values), ...);
  }
  template <class T>
  void add(T value) noexcept {
    store_big_endian(bytes_.data() + used_, value);
    used_ += sizeof value;
  }
  /// Complete when all of `Size` was added.
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), Size}; }

private:
  std::array<char, Size> bytes_;
  std::size_t used_ = 0;
};

}  // namespace troupe::zk
