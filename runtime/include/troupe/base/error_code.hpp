/// What can go wrong with an operation, in the numbers that ZooKeeper's clients know.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe {

/// Outcome of an operation. The values are those of ZooKeeper's protocol (section 15), whose
/// clients do not survive unknown ones. Below -1000 are ours: only what no ZooKeeper client can ask
/// for ends with one of them.
enum class error_code : std::int32_t {
  ok = 0,
  system_error = -1,
  runtime_inconsistency = -2,  ///< an operation of a multi after the one that failed
  marshalling_error = -5,      ///< the request could not be decoded
  unimplemented = -6,
  operation_timeout = -7,
  bad_arguments = -8,
  new_config_no_quorum = -13,
  reconfig_in_progress = -14,
  no_node = -101,
  no_auth = -102,
  bad_version = -103,
  no_children_for_ephemerals = -108,
  node_exists = -110,
  not_empty = -111,
  session_expired = -112,
  invalid_acl = -114,
  auth_failed = -115,
  session_moved = -118,
  not_read_only = -119,  ///< writes are refused now: read-only, or no space to log them
  ephemeral_on_local_session = -120,
  no_watcher = -121,
  reconfig_disabled = -123,
  session_closed_require_auth = -124,
  quota_exceeded = -125,
  throttled = -127,

  not_leader = -1001,       ///< decisions are made at the leader, and this server is not it
  fenced = -1002,           ///< a guard's token is not that of the holder any more
  limit_exceeded = -1003,   ///< more than the request, or this server, allows at once
  decision_failed = -1004,  ///< a decision threw; the server's log says what
};

/// The code's name in ZooKeeper's spelling, for example "NONODE"; ours likewise; "UNKNOWN" for
/// other numbers.
std::string_view to_string(error_code code) noexcept;

}  // namespace troupe
