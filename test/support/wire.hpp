/// Bytes of ZooKeeper's protocol, written and read independently of the gateway's codec.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::test {

/// Appends fields in big-endian order.
class wire_writer {
public:
  wire_writer& int8(std::uint8_t v) { return number(v, 1); }
  wire_writer& boolean(bool v) { return int8(v ? 1 : 0); }
  wire_writer& int32(std::int32_t v) { return number(static_cast<std::uint32_t>(v), 4); }
  wire_writer& int64(std::uint64_t v) { return number(v, 8); }
  wire_writer& text(std::string_view v) {
    int32(static_cast<std::int32_t>(v.size()));
    bytes_ += v;
    return *this;
  }
  wire_writer& raw(std::string_view v) {
    bytes_ += v;
    return *this;
  }
  /// One entry: everything is allowed to everybody.
  wire_writer& open_acl() { return int32(1).int32(31).text("world").text("anyone"); }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  /// The bytes with their length in front.
  [[nodiscard]] std::string frame() const {
    return wire_writer{}.int32(static_cast<std::int32_t>(bytes_.size())).raw(bytes_).bytes();
  }

private:
  wire_writer& number(std::uint64_t v, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
      bytes_ += static_cast<char>(v >> shift & 0xff);
    }
    return *this;
  }
  std::string bytes_;
};

/// Takes fields from the front; throws std::out_of_range where bytes are missing.
class wire_reader {
public:
  explicit wire_reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t int8() { return static_cast<std::uint8_t>(number(1)); }
  bool boolean() { return int8() != 0; }
  std::int32_t int32() { return static_cast<std::int32_t>(number(4)); }
  std::uint64_t int64() { return number(8); }
  std::string text() {
    const auto size = int32();
    return size < 0 ? std::string{} : std::string{take(static_cast<std::size_t>(size))};
  }
  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::out_of_range{"the packet is too short"};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t v = 0;
    for (const char c : take(size))
      v = v << 8 | static_cast<std::uint8_t>(c);
    return v;
  }
  std::string_view rest_;
};

}  // namespace troupe::test
