#include "actors/peer/codec/frames.hpp"

#include <array>

#include <troupe/base/check.hpp>

namespace troupe::peer {
namespace {

/// A buffer above this size is given back when it is empty.
constexpr std::size_t small_buffer_bytes = 16 * 1024;

std::uint32_t size_in(std::string_view header) noexcept {
  std::uint32_t size = 0;
  for (std::size_t i = 4; i-- > 0;)
    size = size << 8 | static_cast<unsigned char>(header[i]);
  return size;
}

bool is_kind(unsigned char byte) noexcept {
  return byte >= static_cast<unsigned char>(frame_kind::hello) &&
         byte <= static_cast<unsigned char>(frame_kind::keep_alive);
}

}  // namespace

void put_frame(std::string& to, frame_kind kind, std::string_view payload) {
  TROUPE_CHECK(payload.size() <= UINT32_MAX, "a frame's size has 32 bits");
  std::array<char, frame_header_bytes> header{};
  for (std::size_t i = 0; i < 4; ++i)
    header[i] = static_cast<char>(payload.size() >> 8 * i & 0xff);
  header[4] = static_cast<char>(kind);
  to.append(header.data(), header.size());
  to.append(payload);
}

void frame_reader::push(std::string_view bytes) {
  if (rest_.empty()) {
    rest_ = bytes;
    return;
  }
  keep_rest();
  kept_.append(bytes);
  rest_ = kept_;
}

void frame_reader::keep_rest() {
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

bool frame_reader::read_magic(next_frame& result) {
  while (magic_seen_ < stream_magic.size()) {
    if (rest_.empty()) return false;
    if (rest_.front() != stream_magic[magic_seen_]) {
      result.what = outcome::broken;
      result.why = "it does not speak the servers' protocol";
      return false;
    }
    rest_.remove_prefix(1);
    ++magic_seen_;
  }
  return true;
}

frame_reader::next_frame frame_reader::next() {
  next_frame result;
  if (!read_magic(result) || rest_.size() < frame_header_bytes) return result;
  const std::size_t size = size_in(rest_);
  const auto kind = static_cast<unsigned char>(rest_[4]);
  const bool zeros = rest_[5] == 0 && rest_[6] == 0 && rest_[7] == 0;
  if (!is_kind(kind) || !zeros) {
    result.what = outcome::broken;
    result.why = "a frame has a header that this version does not know";
    return result;
  }
  if (size > largest_) {
    result.what = outcome::broken;
    result.why = "a frame of " + std::to_string(size) + " bytes, where " +
                 std::to_string(largest_) + " are allowed";
    return result;
  }
  if (rest_.size() - frame_header_bytes < size) return result;
  result.what = outcome::frame;
  result.kind = static_cast<frame_kind>(kind);
  result.payload = rest_.substr(frame_header_bytes, size);
  rest_.remove_prefix(frame_header_bytes + size);
  return result;
}

}  // namespace troupe::peer
