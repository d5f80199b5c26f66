/// How a link's stream of bytes is cut into frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::peer {

/// The first bytes of each direction: strangers are told apart by the first that differs.
inline constexpr std::string_view stream_magic{"\xf2troupe\x01", 8};

enum class frame_kind : std::uint8_t {
  hello = 1,       ///< a greeting (schemas/peer.capnp)
  proof = 2,       ///< of the one who dialed: 32 bytes
  welcome = 3,     ///< of the one who was dialed: 32 bytes, and the link is up
  refusal = 4,     ///< why there will be no link (schemas/peer.capnp)
  message = 5,     ///< somebody's bytes
  keep_alive = 6,  ///< nothing, to be heard
};

/// A frame is its payload's size (32 bits), its kind (8 bits), 24 zero bits, and the payload;
/// numbers have their low byte first.
inline constexpr std::size_t frame_header_bytes = 8;

/// Appends a frame.
void put_frame(std::string& to, frame_kind kind, std::string_view payload);

/// Cuts bytes into frames, however they arrive. Memory grows with what has arrived, never by what a
/// header says.
class frame_reader {
public:
  /// @param largest payload at first; a larger one breaks the stream.
  explicit frame_reader(std::size_t largest) : largest_(largest) {}

  /// From the next frame on payloads may have this size.
  void allow(std::size_t largest) noexcept { largest_ = largest; }
  /// More bytes; they must stay where they are until `keep_rest`.
  void push(std::string_view bytes);

  enum class outcome { incomplete, frame, broken };
  struct next_frame {
    outcome what = outcome::incomplete;
    frame_kind kind = frame_kind::keep_alive;
    std::string_view payload = {};  ///< valid until `keep_rest`
    std::string why = {};           ///< of a broken stream, for people
  };
  /// The next whole frame. A stream that is broken stays so.
  next_frame next();
  /// Copies what no frame has used. After the last `next` of each `push`.
  void keep_rest();

private:
  bool read_magic(next_frame& result);

  std::size_t largest_;
  std::size_t magic_seen_ = 0;
  std::string_view rest_;
  std::string kept_;
};

}  // namespace troupe::peer
