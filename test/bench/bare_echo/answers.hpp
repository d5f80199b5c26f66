/// The least that a server of this protocol can do: frames in, fixed answers out.
///
/// No tree, no sessions, no checks. What is left is what every server pays for: reading, framing,
/// answering, notifying and, for writes, the log. The bare servers put event loops around it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../load/bytes.hpp"

namespace bare {

/// One client.
struct client {
  bench::out_bytes out;
  /// Bytes of a frame that has not arrived completely.
  std::string partial;
  bool greeted = false;
  /// Whether it is among answers::touched().
  bool touched = false;
};

/// What all clients of a server share.
class answers {
public:
  /// Takes what a client sent and answers the whole frames in it. False: it closed its session, and
  /// is to be disconnected when its answers have left. Throws std::out_of_range on broken frames.
  bool take(client& from, std::string_view bytes);
  /// What must be durable before the answers of this turn leave; the caller empties it.
  [[nodiscard]] std::string& log() noexcept { return log_; }
  /// Clients whose `out` has something new; the caller empties it and clears `touched`.
  [[nodiscard]] std::vector<client*>& touched() noexcept { return touched_; }
  /// Forgets a client that is gone.
  void forget(client& gone);

private:
  std::size_t take_frames(client& from, std::string_view bytes, bool& open);
  bool answer(client& to, std::string_view frame);
  void greet(client& to);
  void notify(std::string_view path);
  void touch(client& c);

  std::string log_;
  std::vector<client*> touched_;
  std::vector<client*> once_;
  std::vector<client*> persistent_;
  std::int64_t zxid_ = 1;
  std::int64_t session_ = 0;
  std::int32_t version_ = 0;
};

}  // namespace bare
