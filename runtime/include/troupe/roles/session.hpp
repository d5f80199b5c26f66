/// Role `session`, version 1: the volatile side of sessions: deadlines, owners, causes of their
/// end. That a session exists is replicated state and lives in the tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <troupe/base/txn.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::session {

/// The answer to `resume`. If not `ok` the session is gone, closing, or the password is wrong; the
/// client is told that it expired, never given another id.
struct resumed {
  std::uint64_t sequence = 0;
  bool ok = false;
  session_id session;
  milliseconds timeout{0};
  std::string password;
};
/// The session was resumed through another lane; a connection that still has it must be closed.
struct moved {
  session_id session;
};
/// Deadlines for monitoring: sessions and milliseconds until they expire.
struct inspection {
  std::uint64_t token = 0;
  milliseconds tick{0};
  std::vector<std::pair<session_id, milliseconds>> deadlines;
  milliseconds shortest_timeout{0};  ///< that a client can get
  milliseconds longest_timeout{0};
  bool truncated = false;  ///< there are more sessions than were asked for
};
/// A gateway, seen from the session component.
using lane = handle<resumed, moved, inspection>;

struct attach_lane {
  std::uint32_t number = 0;
  session::lane lane;
};

/// Asks for new sessions: one list for each turn of a gateway. Each comes as a `session_reply` in
/// the tree's output to the lane of its `origin`, once it is committed.
struct open {
  struct wish {
    troupe::origin origin;
    milliseconds timeout{0};  ///< about this long
  };
  std::vector<wish> sessions;
  bool disk_bound = false;  ///< as in broadcast's `submit`
};
/// Asks to go on with a session; answered by `resumed`. The lane becomes its owner.
struct resume {
  std::uint32_t lane = 0;
  std::uint64_t sequence = 0;
  session_id session;
  std::string password;
  milliseconds timeout{0};
};
/// These sessions were heard of since the last touch: one list for each turn of a gateway.
struct touch {
  std::vector<session_id> sessions;
};
/// Asks for an `inspection`.
struct inspect {
  std::uint32_t lane = 0;
  std::uint64_t token = 0;
  /// The list ends after so many sessions, those that expire first.
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

inline constexpr const char* name = "session";
inline constexpr int version = 1;

/// A component with role session.
using actor = handle<attach_lane, open, resume, touch, inspect>;

}  // namespace troupe::role::session

TROUPE_MESSAGE(troupe::role::session::resumed)
TROUPE_MESSAGE(troupe::role::session::moved)
TROUPE_MESSAGE(troupe::role::session::inspection)
TROUPE_MESSAGE(troupe::role::session::attach_lane)
TROUPE_MESSAGE(troupe::role::session::open)
TROUPE_MESSAGE(troupe::role::session::resume)
TROUPE_MESSAGE(troupe::role::session::touch)
TROUPE_MESSAGE(troupe::role::session::inspect)
