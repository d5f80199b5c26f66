/// Turns fuzzed bytes into decisions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::fuzz {

/// Takes values off the front of an input; what is missing at its end reads as zero or empty.
class script {
public:
  explicit script(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool ended() const noexcept { return rest_.empty(); }
  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() noexcept { return number(8); }
  /// The next bytes, at most `size`.
  std::string_view take(std::size_t size) noexcept {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() noexcept { return take(rest_.size()); }

private:
  std::uint64_t number(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (const char c : take(size))
      value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string_view rest_;
};

}  // namespace troupe::fuzz
