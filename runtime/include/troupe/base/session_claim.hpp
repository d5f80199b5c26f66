/// What servers say to each other about a client that goes on with its session elsewhere.
#pragma once

#include <cstdint>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe {

/// A client, whose password was right, wants to go on with a session at the server that sends this.
struct session_claim {
  std::uint64_t token = 0;  ///< the asking server's own; it comes back with the answer
  session_id session;
  milliseconds timeout{0};  ///< as the asking server negotiated it
  bool operator==(const session_claim&) const = default;
};

/// The leader's word: only it knows which sessions still live.
struct claim_answer {
  std::uint64_t token = 0;
  bool alive = false;  ///< it has a full timeout ahead of it, and belongs to the asking server now
  milliseconds timeout{0};
  bool operator==(const claim_answer&) const = default;
};

}  // namespace troupe
