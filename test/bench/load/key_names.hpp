/// Paths and values of numbered znodes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

/// Paths "<prefix>00000017" in one buffer; a path is valid until the next one is asked for.
class key_names {
public:
  explicit key_names(std::string prefix) : text_(std::move(prefix)), prefix_(text_.size()) {
    text_.resize(prefix_ + digits);
  }
  [[nodiscard]] std::string_view operator()(std::uint64_t number) {
    for (std::size_t i = prefix_ + digits; i-- > prefix_;) {
      text_[i] = static_cast<char>('0' + number % 10);
      number /= 10;
    }
    return text_;
  }

private:
  static constexpr std::size_t digits = 8;
  std::string text_;
  std::size_t prefix_;
};

/// Values of one size that name the key and the version they were written for, if there is room.
class values {
public:
  values(std::size_t size, std::uint64_t seed) : text_(size, '\0') {
    for (auto& c : text_) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      c = static_cast<char>('a' + (seed >> 40) % 26);
    }
  }
  /// Valid until the next one is asked for.
  [[nodiscard]] std::string_view operator()(std::uint32_t key, std::uint64_t version) {
    if (text_.size() >= sizeof key + sizeof version) {
      std::memcpy(text_.data(), &key, sizeof key);
      std::memcpy(text_.data() + sizeof key, &version, sizeof version);
    }
    return text_;
  }

private:
  std::string text_;
};

}  // namespace bench
