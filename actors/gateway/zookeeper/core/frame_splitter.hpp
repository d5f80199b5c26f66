/// Cuts the byte stream of a connection into frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::zk {

/// Frames are cut from the bytes where they arrived; only what is left over at the end of a turn is
/// copied, so that an idle connection and one that sends whole frames hold no buffer.
class frame_splitter {
public:
  explicit frame_splitter(std::size_t largest_bytes) noexcept : largest_(largest_bytes) {}

  /// Adds bytes. They must stay where they are until `keep_rest`.
  void push(std::string_view bytes);
  /// Copies what was not consumed, so that the pushed bytes may go.
  void keep_rest();

  enum class outcome { frame, incomplete, bad_length };
  struct next_frame {
    outcome what = outcome::incomplete;
    std::string_view payload;  ///< of a frame; valid until the next push or keep_rest
    std::int32_t length = 0;   ///< as the peer said, also when it is bad
  };
  /// Takes the next frame.
  next_frame next();

  /// The bytes that were not consumed, without taking them.
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
  const std::size_t largest_;
  std::string kept_;       ///< owns the rest between turns
  std::string_view rest_;  ///< into kept_, or into the bytes pushed last
};

}  // namespace troupe::zk
