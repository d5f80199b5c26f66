/// Big-endian bytes of the client protocol, written and read without an allocation per field.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace bench {

/// What is to be sent: grows at the end, is consumed at the front, keeps its memory.
class out_bytes {
public:
  void int8(std::uint8_t v) { *room(1) = static_cast<char>(v); }
  void boolean(bool v) { int8(v ? 1 : 0); }
  void int32(std::int32_t v) { number(static_cast<std::uint32_t>(v)); }
  void int64(std::int64_t v) { number(static_cast<std::uint64_t>(v)); }
  void raw(std::string_view v) {
    if (!v.empty()) {
      std::memcpy(room(v.size()), v.data(), v.size());
    }
  }
  void text(std::string_view v) {
    int32(static_cast<std::int32_t>(v.size()));
    raw(v);
  }

  /// Begins a frame; the position goes to end_frame, which fills in the length.
  [[nodiscard]] std::size_t begin_frame() {
    int32(0);
    return end_;
  }
  void end_frame(std::size_t position) {
    const auto size = static_cast<std::uint32_t>(end_ - position);
    const auto wire = __builtin_bswap32(size);
    std::memcpy(data_.get() + position - 4, &wire, 4);
  }

  [[nodiscard]] std::string_view unsent() const noexcept {
    return {data_.get() + begin_, end_ - begin_};
  }
  /// Forgets the first `n` unsent bytes.
  void consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }
  void clear() noexcept { begin_ = end_ = 0; }

private:
  template <class Number>
  void number(Number v) {
    static_assert(std::endian::native == std::endian::little);
    const Number wire = sizeof v == 4 ? static_cast<Number>(__builtin_bswap32(std::uint32_t(v)))
                                      : static_cast<Number>(__builtin_bswap64(v));
    std::memcpy(room(sizeof v), &wire, sizeof v);
  }
  char* room(std::size_t n) {
    if (end_ + n > capacity_) {
      grow(n);
    }
    char* place = data_.get() + end_;
    end_ += n;
    return place;
  }
  void grow(std::size_t n) {
    std::size_t capacity = capacity_ == 0 ? 256 : capacity_;
    while (capacity < end_ + n) {
      capacity *= 2;
    }
    auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_ > 0) {
      std::memcpy(bigger.get(), data_.get(), end_);
    }
    data_ = std::move(bigger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

/// What was received; throws std::out_of_range where bytes are missing.
class in_bytes {
public:
  explicit in_bytes(std::string_view bytes) noexcept : rest_(bytes) {}

  std::uint8_t int8() { return static_cast<std::uint8_t>(*take(1)); }
  std::int32_t int32() {
    std::uint32_t wire = 0;
    std::memcpy(&wire, take(4), 4);
    return static_cast<std::int32_t>(__builtin_bswap32(wire));
  }
  std::int64_t int64() {
    std::uint64_t wire = 0;
    std::memcpy(&wire, take(8), 8);
    return static_cast<std::int64_t>(__builtin_bswap64(wire));
  }
  /// A string or buffer; null is empty here.
  std::string_view text() {
    const auto size = int32();
    return size <= 0 ? std::string_view{}
                     : std::string_view{take(static_cast<std::size_t>(size)),
                                        static_cast<std::size_t>(size)};
  }
  void skip(std::size_t n) { take(n); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
  const char* take(std::size_t n) {
    if (n > rest_.size()) {
      throw std::out_of_range("a reply of the server is shorter than its fields");
    }
    const char* place = rest_.data();
    rest_.remove_prefix(n);
    return place;
  }
  std::string_view rest_;
};

}  // namespace bench
