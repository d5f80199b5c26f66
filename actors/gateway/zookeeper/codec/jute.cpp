#include "actors/gateway/zookeeper/codec/jute.hpp"

#include <array>
#include <type_traits>

namespace troupe::zk {
namespace {

template <class T>
void store(char* to, T value) noexcept {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8)) {
    to[i] = static_cast<char>(value & 0xff);
  }
}

template <class T>
void append(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes;
  store(bytes.data(), value);
  out.append(bytes.data(), bytes.size());
}

}  // namespace

void jute_reader::fail() noexcept {
  ok_ = false;
  rest_ = {};
}

template <class T>
T jute_reader::integer() noexcept {
  if (rest_.size() < sizeof(T)) {
    fail();
    return 0;
  }
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<std::make_unsigned_t<T>>(value << 8 | static_cast<unsigned char>(rest_[i]));
  }
  rest_.remove_prefix(sizeof(T));
  return static_cast<T>(value);
}

std::int32_t jute_reader::int32() noexcept { return integer<std::int32_t>(); }

std::int64_t jute_reader::int64() noexcept { return integer<std::int64_t>(); }

bool jute_reader::boolean() noexcept {
  if (rest_.empty()) {
    fail();
    return false;
  }
  const bool value = rest_.front() != '\0';
  rest_.remove_prefix(1);
  return value;
}

std::optional<std::string_view> jute_reader::buffer() noexcept {
  const auto length = int32();
  if (length == -1) return std::nullopt;
  if (length < 0 || static_cast<std::size_t>(length) > rest_.size()) {
    fail();
    return std::nullopt;
  }
  const auto value = rest_.substr(0, static_cast<std::size_t>(length));
  rest_.remove_prefix(value.size());
  return value;
}

std::string jute_reader::string() {
  const auto value = buffer();
  if (!value) fail();
  return std::string{value.value_or(std::string_view{})};
}

std::string jute_reader::string_or_empty() {
  return std::string{buffer().value_or(std::string_view{})};
}

std::size_t jute_reader::count(std::size_t least_bytes) noexcept {
  const auto value = int32();
  if (value <= 0) return 0;
  if (static_cast<std::size_t>(value) > rest_.size() / least_bytes) {
    fail();
    return 0;
  }
  return static_cast<std::size_t>(value);
}

void jute_writer::int32(std::int32_t value) { append(out_, static_cast<std::uint32_t>(value)); }

void jute_writer::int64(std::int64_t value) { append(out_, static_cast<std::uint64_t>(value)); }

void jute_writer::buffer(std::string_view value) {
  int32(static_cast<std::int32_t>(value.size()));
  out_.append(value);
}

void jute_writer::stat(const troupe::stat& value) {
  int64(static_cast<std::int64_t>(value.czxid.value));
  int64(static_cast<std::int64_t>(value.mzxid.value));
  int64(value.ctime_ms);
  int64(value.mtime_ms);
  int32(value.version);
  int32(value.cversion);
  int32(value.aversion);
  int64(static_cast<std::int64_t>(value.ephemeral_owner.value));
  int32(value.data_length);
  int32(value.num_children);
  int64(static_cast<std::int64_t>(value.pzxid.value));
}

void jute_writer::acl(const troupe::acl& value) {
  int32(static_cast<std::int32_t>(value.size()));
  for (const auto& entry : value) {
    int32(entry.permissions);
    buffer(entry.who.scheme);
    buffer(entry.who.id);
  }
}

frame_writer::~frame_writer() {
  store(out_.data() + start_, static_cast<std::uint32_t>(out_.size() - start_ - 4));
}

}  // namespace troupe::zk
