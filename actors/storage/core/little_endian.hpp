/// Numbers in files: little-endian, whatever the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::storage {

template <class T>
void put(char* to, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    to[i] = static_cast<char>(value >> (8 * i));
}

template <class T>
void append(std::string& to, T value) {
  char bytes[sizeof(T)];
  put(bytes, value);
  to.append(bytes, sizeof(T));
}

/// The number at `offset`; the caller knows that it is there.
template <class T>
T get(std::string_view from, std::size_t offset) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |=
        static_cast<T>(static_cast<T>(static_cast<unsigned char>(from[offset + i])) << (8 * i));
  }
  return value;
}

}  // namespace troupe::storage
