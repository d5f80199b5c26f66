/// Role `coordinator`, version 1: coordination for actors in the same process: sessions, operations
/// and watches without a wire format. Recipes and embedders use it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/base/decision.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::coordinator {

// ------------------------------------------ what the coordinator tells its clients

/// The answer to `attach`: how the client calls itself from now on.
struct attached {
  std::uint64_t client = 0;
};
/// The answer to `open`.
struct opened {
  std::uint64_t token = 0;
  error_code error = error_code::ok;
  session_id session;
  milliseconds timeout{0};
};
/// The answer to `write`: one result, or one per operation of a multi. `zxid` is the state it
/// shows.
struct wrote {
  std::uint64_t token = 0;
  troupe::zxid zxid;
  std::vector<write_result> results;
};
/// The answer to `read`.
struct read_done {
  std::uint64_t token = 0;
  troupe::zxid zxid;
  read_result result;
};
/// The answer to `transact`. With `ok`, `reply` is what the decision returned, and what it did is
/// applied here; null if the decision came to pass although this server lost the lead meanwhile and
/// its reply with it. `not_leader`: nothing was done. Every other error likewise, but for
/// `operation_timeout`: whether it came to pass is not known. `reply` may say why, for people.
struct transacted {
  std::uint64_t token = 0;
  troupe::zxid zxid;  ///< of what it did, or of the state that it saw
  error_code error = error_code::ok;
  blob reply;
};
/// A watch fired. It comes before the answer to any read or write that shows the change.
struct event {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
};
/// A session of this client is gone.
struct session_ended {
  session_id session;
  close_cause cause = close_cause::client;
};

/// A client of the coordinator.
using client = handle<attached, opened, wrote, read_done, event, session_ended>;
/// A client that has decisions made, the same actor.
using decider = handle<transacted>;

// ------------------------------------------ what the coordinator understands

/// Becomes a client; answered by `attached`. When the client's actor ends, its sessions are closed.
struct attach {
  coordinator::client client;
};
/// Asks for a session. It is kept alive by the coordinator as long as the client's actor lives and
/// its server serves; there is no ping.
struct open {
  std::uint64_t client = 0;
  std::uint64_t token = 0;
  milliseconds timeout{0};
};
/// Any write but create_session; close_session ends the session. Answers to one client come in the
/// order of their zxids; answers to reads may overtake writes of other sessions.
struct write {
  std::uint64_t client = 0;
  std::uint64_t token = 0;
  session_id session;
  identities who;  ///< as whom; null means only world
  write_op op;
  std::uint64_t request_id = 0;  ///< as in write_request
};
/// Has a decision made, at the leader; answered by `transacted`, in one order with the answers to
/// other writes. If `session` is given and not open
/// then, the answer is `session_expired`, and the decision does not run.
struct transact {
  std::uint64_t client = 0;
  std::uint64_t token = 0;
  session_id session;
  std::shared_ptr<const troupe::decision> decision;
  decider to;
};
/// From now on this guard is asked about writes at and below the mount, at the leader, until the
/// client's actor ends. Whoever mounts something says it at every server.
struct guard_mount {
  std::uint64_t client = 0;
  std::string mount;
  std::shared_ptr<const mount_guard> guard;
};
/// Any read. It sees every earlier write of the same client. Watches are the client's.
struct read {
  std::uint64_t client = 0;
  std::uint64_t token = 0;
  session_id session;
  identities who;
  read_op op;
};

inline constexpr const char* name = "coordinator";
inline constexpr int version = 1;

/// A component with role coordinator.
using actor = handle<attach, open, write, transact, guard_mount, read>;

}  // namespace troupe::role::coordinator

TROUPE_MESSAGE(troupe::role::coordinator::attached)
TROUPE_MESSAGE(troupe::role::coordinator::opened)
TROUPE_MESSAGE(troupe::role::coordinator::wrote)
TROUPE_MESSAGE(troupe::role::coordinator::transacted)
TROUPE_MESSAGE(troupe::role::coordinator::read_done)
TROUPE_MESSAGE(troupe::role::coordinator::event)
TROUPE_MESSAGE(troupe::role::coordinator::session_ended)
TROUPE_MESSAGE(troupe::role::coordinator::attach)
TROUPE_MESSAGE(troupe::role::coordinator::open)
TROUPE_MESSAGE(troupe::role::coordinator::write)
TROUPE_MESSAGE(troupe::role::coordinator::transact)
TROUPE_MESSAGE(troupe::role::coordinator::guard_mount)
TROUPE_MESSAGE(troupe::role::coordinator::read)
