#include <cstdint>
#include <string>
#include <vector>

#include <troupe/base/check.hpp>
#include <troupe/base/prng.hpp>

#include "actors/gateway/zookeeper/core/frame_splitter.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {
namespace {

constexpr std::size_t largest_frame = 300;

struct split {
  std::vector<std::string> frames;
  bool bad = false;
  std::int32_t bad_length = 0;
  std::string rest;
  bool operator==(const split&) const = default;
};

/// Takes what is whole. False once the stream is broken.
bool take_frames(zk::frame_splitter& from, split& into) {
  while (true) {
    const auto next = from.next();
    switch (next.what) {
    case zk::frame_splitter::outcome::frame:
      TROUPE_CHECK(next.payload.size() <= largest_frame, "no frame is larger than allowed");
      into.frames.emplace_back(next.payload);
      break;
    case zk::frame_splitter::outcome::bad_length:
      into.bad = true;
      into.bad_length = next.length;
      return false;
    case zk::frame_splitter::outcome::incomplete:
      return true;
    }
  }
}

/// The frames of a stream that arrives in pieces as `sizes` decides.
template <class Sizes>
split split_in_pieces(std::string_view stream, Sizes next_size) {
  zk::frame_splitter splitter{largest_frame};
  split result;
  while (!stream.empty()) {
    // A copy of its own, so that a view into what is gone is found out.
    const std::string piece{stream.substr(0, next_size())};
    stream.remove_prefix(piece.size());
    splitter.push(piece);
    const bool goes_on = take_frames(splitter, result);
    splitter.keep_rest();
    if (!goes_on) return result;
  }
  result.rest = splitter.rest();
  TROUPE_CHECK(result.rest.size() < largest_frame + 4, "no more than one frame is kept");
  return result;
}

}  // namespace

void frames(std::string_view input) {
  script in{input};
  prng chance{in.u8()};
  const auto stream = in.rest();
  const auto whole = split_in_pieces(stream, [&] { return stream.size(); });
  const auto bytes = split_in_pieces(stream, [] { return std::size_t{1}; });
  const auto pieces = split_in_pieces(
      stream, [&] { return static_cast<std::size_t>(1 + chance.below(1 + chance.below(40))); });
  TROUPE_CHECK(whole == bytes && whole == pieces, "frames do not depend on how bytes arrive");
  std::string again;
  for (const auto& one : whole.frames) {
    for (int shift = 24; shift >= 0; shift -= 8)
      again.push_back(static_cast<char>(one.size() >> shift & 0xff));
    again += one;
  }
  TROUPE_CHECK(stream.starts_with(again), "frames are what was sent");
  TROUPE_CHECK(whole.bad || again.size() + whole.rest.size() == stream.size(), "nothing is lost");
}

}  // namespace troupe::fuzz
