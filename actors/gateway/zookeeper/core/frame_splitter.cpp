#include "actors/gateway/zookeeper/core/frame_splitter.hpp"

namespace troupe::zk {
namespace {

constexpr std::size_t length_bytes = 4;
/// Buffers above this size are given back when they are empty.
constexpr std::size_t small_buffer_bytes = 1024;

std::int32_t length_at(std::string_view bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<std::int32_t>(value);
}

}  // namespace

void frame_splitter::push(std::string_view bytes) {
  if (rest_.empty()) {
    rest_ = bytes;
    return;
  }
  keep_rest();
  kept_.append(bytes);
  rest_ = kept_;
}

void frame_splitter::keep_rest() {
  if (rest_.empty()) {
    kept_.clear();
    if (kept_.capacity() > small_buffer_bytes) std::string{}.swap(kept_);
    rest_ = {};
    return;
  }
  const bool owned = rest_.data() >= kept_.data() && rest_.data() < kept_.data() + kept_.size();
  if (owned) {
    kept_.erase(0, static_cast<std::size_t>(rest_.data() - kept_.data()));
  } else {
    kept_.assign(rest_);
  }
  rest_ = kept_;
}

frame_splitter::next_frame frame_splitter::next() {
  if (rest_.size() < length_bytes) return {};
  const auto length = length_at(rest_);
  if (length < 0 || static_cast<std::size_t>(length) > largest_) {
    return {outcome::bad_length, {}, length};
  }
  const auto size = static_cast<std::size_t>(length);
  if (rest_.size() - length_bytes < size) return {outcome::incomplete, {}, length};
  const auto payload = rest_.substr(length_bytes, size);
  rest_.remove_prefix(length_bytes + size);
  return {outcome::frame, payload, length};
}

}  // namespace troupe::zk
