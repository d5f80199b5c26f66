/// Role `broadcast`, version 1: total order. Takes writes, has them prepared by the leader's tree,
/// logs and replicates them, and delivers what is committed to its own server's tree.
#pragma once

#include <cstdint>
#include <vector>

#include <troupe/roles/handle.hpp>
#include <troupe/roles/tree.hpp>

namespace troupe::role::broadcast {

enum class server_mode : std::uint8_t { starting, standalone, leader, follower, observer };

/// Whether this server serves clients now, and as what. Told on `attach` and at every change.
struct serving_changed {
  bool serving = false;
  server_mode mode = server_mode::starting;
  bool leading = false;  ///< sessions are expired and sync is answered here
  troupe::zxid applied;  ///< at least this is in the tree
  server_id server;
  std::uint32_t start = 0;  ///< for origins
  bool writable = false;    ///< false while there is no space: reads are served, writes refused
  /// The tree was replaced as a whole since the last time: watches are gone, and outcomes of writes
  /// may never come. Clients have to begin anew.
  bool replaced = false;
};
using listener = handle<serving_changed>;

struct attach {
  broadcast::listener listener;
};

/// Writes in the order of their sessions. The outcome comes through the tree's output to the lane
/// named in each origin. Requests that come while the server does not serve are kept, within the
/// limits of those who sent them.
struct submit {
  std::vector<tree::request> requests;
  /// All who were heard of lately write, or there is one client only: whoever waits for the disk on
  /// the thread that serves them makes nobody wait who does not wait for it anyway. A hint, never
  /// needed.
  bool disk_bound = false;
};

/// These sessions were heard of by this server lately: a list of those since the last one. Only the
/// leader expires sessions, so it has to know. From the session component.
struct touch {
  std::vector<session_id> sessions;
};

/// To the session component of the leader: what the other servers' said.
using touch_listener = handle<touch>;
struct attach_touches {
  touch_listener listener;
};

inline constexpr const char* name = "broadcast";
inline constexpr int version = 1;

/// A component with role broadcast.
using actor = handle<attach, attach_touches, submit, touch>;

}  // namespace troupe::role::broadcast

TROUPE_MESSAGE(troupe::role::broadcast::serving_changed)
TROUPE_MESSAGE(troupe::role::broadcast::attach)
TROUPE_MESSAGE(troupe::role::broadcast::submit)
TROUPE_MESSAGE(troupe::role::broadcast::touch)
TROUPE_MESSAGE(troupe::role::broadcast::attach_touches)
