#include "actors/gateway/zookeeper/codec/jute.hpp"

namespace troupe::zk {
namespace {

constexpr std::size_t stat_bytes = 68;

}  // namespace

void jute_reader::fail() noexcept {
  ok_ = false;
  rest_ = {};
}

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

void jute_writer::buffer(std::string_view value) {
  int32(static_cast<std::int32_t>(value.size()));
  out_.append(value);
}

void jute_writer::stat(const troupe::stat& value) {
  fixed_bytes<stat_bytes> all;
  all.add(value.czxid.value);
  all.add(value.mzxid.value);
  all.add(value.ctime_ms);
  all.add(value.mtime_ms);
  all.add(value.version);
  all.add(value.cversion);
  all.add(value.aversion);
  all.add(value.ephemeral_owner.value);
  all.add(value.data_length);
  all.add(value.num_children);
  all.add(value.pzxid.value);
  out_.append(all.view());
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
  store_big_endian(out_.data() + start_, static_cast<std::uint32_t>(out_.size() - start_ - 4));
}

}  // namespace troupe::zk
