/// Jute, ZooKeeper's serialisation (protocol section 1.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/acl.hpp>
#include <troupe/base/error_code.hpp>
#include <troupe/base/stat.hpp>

#include "actors/gateway/zookeeper/codec/big_endian.hpp"

namespace troupe::zk {

/// Reads values from bytes that nobody has checked. Total: whatever the bytes are, every call
/// returns; what cannot be read makes `ok` false for good and reads as zero or empty. No length or
/// count is believed before the bytes for it are there.
class jute_reader {
public:
  explicit jute_reader(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Bytes not read yet. Trailing bytes are not an error in this protocol.
  [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }

  std::int32_t int32() noexcept { return integer<std::int32_t>(); }
  std::int64_t int64() noexcept { return integer<std::int64_t>(); }
  /// Any byte but zero is true.
  bool boolean() noexcept;
  /// Bytes with their length before them; nothing for null. The view points into the input.
  std::optional<std::string_view> buffer() noexcept;
  /// A string where null is not allowed: it is a failure.
  std::string string();
  /// A string where null means empty.
  std::string string_or_empty();
  /// Elements of a vector, each at least `least_bytes` long. Null counts as empty, and so does any
  /// negative count, as in ZooKeeper.
  std::size_t count(std::size_t least_bytes) noexcept;

  /// Declares what was read as a failure.
  void fail() noexcept;

private:
  template <class T>
  T integer() noexcept {
    if (rest_.size() < sizeof(T)) {
      fail();
      return 0;
    }
    const auto value = load_big_endian<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// Appends values to `out`, which must outlive the writer.
class jute_writer {
public:
  explicit jute_writer(std::string& out) noexcept : out_(out) {}

  void int32(std::int32_t value) { out_.append(fixed_bytes<4>{value}.view()); }
  void int64(std::int64_t value) { out_.append(fixed_bytes<8>{value}.view()); }
  void boolean(bool value) { out_.push_back(value ? '\1' : '\0'); }
  /// Bytes or text, with their length before them.
  void buffer(std::string_view value);
  /// Bytes that are encoded already.
  void raw(std::string_view bytes) { out_.append(bytes); }
  /// The size of `out`.
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  void null_buffer() { int32(-1); }
  void error(error_code value) { int32(static_cast<std::int32_t>(value)); }
  void stat(const troupe::stat& value);
  void acl(const troupe::acl& value);

private:
  std::string& out_;
};

/// Makes everything appended to `out` during its life one frame, length first.
class frame_writer {
public:
  explicit frame_writer(std::string& out) : out_(out), start_(out.size()) { out_.append(4, '\0'); }
  ~frame_writer();
  frame_writer(const frame_writer&) = delete;
  frame_writer& operator=(const frame_writer&) = delete;

private:
  std::string& out_;
  const std::size_t start_;
};

}  // namespace troupe::zk
