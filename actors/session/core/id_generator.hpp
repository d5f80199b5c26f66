/// New session ids.
#pragma once

#include <algorithm>
#include <cstdint>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe::session {

/// Gives session ids: the server's id in the high byte, as ZooKeeper's clients and tools expect, then
/// 40 bits of the wall clock at start in milliseconds, then a counter. Numbers known to exist
/// already are jumped over, so a clock that went back makes no duplicate of a living session.
class id_generator {
public:
  id_generator(server_id server, wall_time started)
      : prefix_(static_cast<std::uint64_t>(server.value & 0xff) << 56),
        next_((static_cast<std::uint64_t>(started.ms) << 16) & low_mask) {}

  session_id next() {
    const session_id id{prefix_ | next_};
    next_ = (next_ + 1) & low_mask;
    return id;
  }

  /// `id` exists: later ones come after it if it is of this server.
  void seen(session_id id) {
    if ((id.value & ~low_mask) != prefix_) return;
    next_ = std::max(next_, ((id.value & low_mask) + 1) & low_mask);
  }

private:
  static constexpr std::uint64_t low_mask = (std::uint64_t{1} << 56) - 1;
  const std::uint64_t prefix_;
  std::uint64_t next_;
};

}  // namespace troupe::session
