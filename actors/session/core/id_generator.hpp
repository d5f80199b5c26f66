/// New session ids.
#pragma once

#include <cstdint>

#include <troupe/base/ids.hpp>

namespace troupe::session {

/// Gives session ids: the server's id in the high byte, as ZooKeeper's clients and tools expect,
/// then 24 bits of the number of the server's start, then a counter. No clock takes part: an id
/// that was given before a restart must never be given again, or a client that comes back late
/// could resume the session of somebody else.
class id_generator {
public:
  explicit id_generator(server_id server)
      : prefix_(static_cast<std::uint64_t>(server.value & 0xff) << 56) {}

  /// An id that was not given before by this server, whose start has the number `start`.
  session_id next(std::uint32_t start) {
    if (start != start_) {
      start_ = start;
      counter_ = 0;
    }
    return {prefix_ | static_cast<std::uint64_t>(start & 0xffffff) << 32 | counter_++};
  }

private:
  const std::uint64_t prefix_;
  std::uint32_t start_ = 0;
  std::uint32_t counter_ = 1;
};

/// The server that gave the id.
[[nodiscard]] constexpr server_id opened_at(session_id session) noexcept {
  return {static_cast<std::uint32_t>(session.value >> 56)};
}

}  // namespace troupe::session
