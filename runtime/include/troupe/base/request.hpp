/// A write on its way to the leader.
#pragma once

#include <cstdint>

#include <troupe/base/operation.hpp>

namespace troupe {

/// A write as it came from a client or a component, with the way back for its outcome.
struct write_request {
  troupe::origin origin;
  session_id session;  ///< for create_session the new one
  identities who;
  /// Of native clients, for retries: a write that changed something is remembered under this number
  /// for a while, and the session gets the same answer again. Zero: not remembered.
  std::uint64_t request_id = 0;
  write_op op;
  /// What its server had applied when the connection of its client began; zero if that is not known
  /// or does not matter. A write of the session through another server that is newer than this says
  /// that the client has left the connection.
  zxid since{};
};

}  // namespace troupe
