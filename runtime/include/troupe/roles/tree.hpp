/// Role `tree`, version 1: the single owner of the data tree, its sessions and its watches.
///
/// On the leader the tree also *prepares*: it checks requests against its state plus everything
/// prepared before, gives zxid and time, and encodes the transaction once. It *applies* whatever is
/// delivered, in order, answers the requests that came from its own server, fires watches, and runs
/// reads. Replies and events leave in one ordered stream per lane, so that an event always precedes
/// the data that it announces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/decision.hpp>
#include <troupe/base/request.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/roles/handle.hpp>
#include <troupe/roles/storage.hpp>

namespace troupe::role::tree {

// ------------------------------------------------- what the tree tells whom

/// A transaction to be logged and committed, or a refusal to travel with them, in order.
using proposal = std::variant<encoded_txn, verdict>;

/// To the broadcast: the outcome of `prepare`, or what the reaper prepared by itself. `epoch` is
/// the one given by `lead`; the broadcast drops proposals of an older one.
struct prepared {
  std::uint32_t epoch = 0;
  bool unasked = false;  ///< the reaper's, not the answer to a `prepare`
  std::vector<proposal> proposals;
};
/// To the broadcast: the piece given by `load` is in the tree. `failure` is empty, or says what is
/// wrong with the piece, and then the tree must not be used.
struct loaded {
  std::string failure;
};
/// To the broadcast: what the tree comes to after this transaction. Told of every 512th of an
/// epoch, beginning with the first: the same ones on every member, so that they can be compared.
struct digested {
  troupe::zxid zxid;
  std::uint64_t digest = 0;
};
/// The broadcast, seen from the tree.
using sequencer = handle<prepared, loaded, digested>;

/// Sessions that began and ended, in order, once it is true. To the session component.
struct session_changes {
  struct opened {
    session_id session;
    milliseconds timeout{0};
  };
  struct closed {
    session_id session;
    close_cause cause = close_cause::client;
  };
  bool reset = false;  ///< forget everything before; what follows is the whole table
  std::string secret;  ///< the key of passwords, if it changed; empty otherwise
  std::vector<std::variant<opened, closed>> changes;
};
using session_listener = handle<session_changes>;

/// The outcome of a write of this lane. `zxid` is the state that it shows.
struct write_reply {
  std::uint64_t sequence = 0;
  troupe::zxid zxid;
  std::vector<write_result> results;  ///< one, or one per operation of a multi
  bool is_multi = false;
  blob reply;  ///< of a decision that this server made and that came to pass
};
/// A session that this lane asked for exists now.
struct session_reply {
  std::uint64_t sequence = 0;
  troupe::zxid zxid;
  error_code error = error_code::ok;
  session_id session;
  milliseconds timeout{0};
  std::string password;  ///< 16 bytes
};
struct read_reply {
  std::uint64_t sequence = 0;
  std::uint64_t connection = 0;  ///< that the read was made for
  troupe::zxid zxid;
  read_result result;
};
/// More names for the oldest read_reply to the connection of which some are to come
/// (`read_result::names_to_come`). That reply stands where it stands: what comes between it and its
/// last piece happened after it, and whoever hears of both must hear of the reply first.
struct read_piece {
  std::uint64_t connection = 0;
  name_list names;
  bool given_up = false;  ///< no more will come, although not all is there
};
/// One event for several connections of the lane. `zxid` is the transaction that fired it; zero for
/// events that set_watches made up.
struct watch_event {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
  std::vector<std::uint64_t> connections;
};
/// The session is gone; its connection, if this lane has it, must be closed. Told to every lane.
struct session_ended {
  session_id session;
  close_cause cause = close_cause::client;
};
using output_item =
    std::variant<write_reply, session_reply, read_reply, watch_event, session_ended, read_piece>;

/// To a lane: what happened, in order, up to `applied`, the newest transaction in the tree.
struct output {
  troupe::zxid applied;
  std::vector<output_item> items;
};

/// Numbers for monitoring, and the lists behind ZooKeeper's dump and wch* commands, filled only
/// when asked for (`inspect::lists`).
struct inspection {
  std::uint64_t token = 0;
  troupe::zxid applied;
  std::uint64_t node_count = 0;  ///< as ZooKeeper counts: the root twice
  std::uint64_t ephemeral_count = 0;
  std::uint64_t approximate_data_bytes = 0;
  std::uint64_t watch_count = 0;  ///< entries of both tables
  std::uint64_t watched_paths = 0;
  std::uint64_t watching_connections = 0;
  std::uint64_t session_count = 0;
  std::uint64_t digest = 0;
  std::vector<std::pair<session_id, std::vector<std::string>>> ephemerals;
  std::vector<std::pair<watcher_id, std::vector<std::string>>> watches;  ///< data watches
  bool truncated = false;      ///< the lists are longer than was asked for
  troupe::zxid last_snapshot;  ///< zero if there is none
  wall_time last_snapshot_at;  ///< when it was complete; zero if that was before this start
};

/// A committed change of a node, with what it wrote.
struct tree_change {
  enum class kind : std::uint8_t { created, deleted, data_changed, acl_changed };
  kind what = kind::created;
  std::string path;
  blob data;                               ///< of created and data_changed
  std::int32_t version = 0;                ///< after data_changed; of acl_changed the aversion
  node_kind node = node_kind::persistent;  ///< of created
  session_id owner;                        ///< of a created ephemeral node
  troupe::zxid zxid;
  wall_time time;
};
/// The answer to `read_changes`. It comes behind what the tree has told the same actor before.
struct changes {
  std::uint64_t token = 0;
  /// Not all that follows `after` is kept any more: whoever asked has to read the tree anew.
  bool overrun = false;
  troupe::zxid oldest;   ///< the oldest `after` that could be answered now
  troupe::zxid through;  ///< everything up to here is told; the next question begins here
  bool more = false;     ///< there are transactions behind `through`
  std::vector<tree_change> changes;
};

/// A gateway, seen from the tree.
using lane = handle<output, inspection>;

// ------------------------------------------------- what the tree understands

struct attach_sequencer {
  sequencer broadcast;
};
struct attach_sessions {
  session_listener listener;
};
/// Lane numbers are given by the composer and are unique on a server.
struct attach_lane {
  std::uint32_t number = 0;
  tree::lane lane;
};

/// A piece of recovered state; answered by `loaded`.
struct load {
  std::variant<storage::recovery::snapshot_begin, storage::recovery::snapshot_chunk,
               storage::recovery::committed>
      piece;
};
/// The recovered state is complete and this is which server and start we are.
struct load_finished {
  server_id server;
  std::uint32_t start = 0;
};

/// This server leads from now on with `epoch`, and everything before is applied: empty overlay,
/// first counter. `secret` is used if the tree has no key for passwords yet.
struct lead {
  std::uint32_t epoch = 0;
  std::string secret;
  bool ensemble = false;  ///< writes may come through other servers, see `session_owned`
};
/// To the leading tree of an ensemble, from the session component: from now on the session's writes
/// come through `server`. Those through any other are refused with `session_moved`. Of a session of
/// which nothing was said, the server of its first write in this epoch is the owner.
struct session_owned {
  session_id session;
  server_id server;
};
/// This server leads no more. What it had proposed and what was not delivered will never be
/// committed: `withdrawn` has it in order, and each is answered `not_read_only` at its origin.
struct stop_leading {
  std::vector<proposal> withdrawn;
};

using request = write_request;
/// Only to a leading tree; answered by one `prepared` with one proposal per request.
struct prepare {
  std::vector<request> requests;
};

/// Committed transactions and refusals, in order. The outcome of each whose origin is this server
/// goes to its lane.
struct deliver {
  std::vector<proposal> committed;
};

/// A read on behalf of a connection. If `after` is not zero, it is the sequence number of a write
/// of the same lane; the read is parked until that write's outcome has left, and runs before the
/// next transaction.
struct read_request {
  std::uint64_t sequence = 0;
  std::uint64_t after = 0;
  std::uint64_t connection = 0;  ///< whose watches these are
  session_id session;
  identities who;
  read_op op;
};
struct read {
  std::uint32_t lane = 0;
  std::vector<read_request> requests;
};

/// Asks for the changes at and below `prefix` that came after `after`, transaction by transaction;
/// answered by `changes`. They are kept for a while (option `change_window` of tree.znode). Those
/// of nodes that `who` might not read then are left out. A watch says when asking again is worth
/// it.
struct read_changes {
  handle<changes> to;
  std::uint64_t token = 0;
  std::string prefix;
  troupe::zxid after;
  identities who;
  /// The answer ends behind the transaction with which its paths and data come to so much.
  std::size_t most_bytes = 256 * 1024;
};

/// The connection has other identities now; they decide which events it may see.
struct watcher_identities {
  watcher_id watcher;
  identities who;
};
/// From now on `guard` is asked about writes at and below `mount` that are no decisions, while this
/// server leads; null: nobody is. A mount has one guard, the last one. Guards are asked in the
/// order of their mounts.
struct guard_mount {
  std::string mount;
  std::shared_ptr<const mount_guard> guard;
};
/// The connections are gone: their watches go, and their parked reads.
struct watchers_gone {
  std::vector<watcher_id> watchers;
};

/// Asks for an `inspection`.
struct inspect {
  std::uint32_t lane = 0;
  std::uint64_t token = 0;
  bool lists = false;
  /// The lists end after so many sessions and paths each.
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

inline constexpr const char* name = "tree";
inline constexpr int version = 1;

/// A component with role tree.
using actor = handle<attach_sequencer, attach_sessions, attach_lane, load, load_finished, lead,
                     session_owned, stop_leading, prepare, deliver, read, watcher_identities,
                     watchers_gone, inspect, guard_mount, read_changes>;

}  // namespace troupe::role::tree

TROUPE_MESSAGE(troupe::role::tree::prepared)
TROUPE_MESSAGE(troupe::role::tree::loaded)
TROUPE_MESSAGE(troupe::role::tree::digested)
TROUPE_MESSAGE(troupe::role::tree::session_changes)
TROUPE_MESSAGE(troupe::role::tree::output)
TROUPE_MESSAGE(troupe::role::tree::inspection)
TROUPE_MESSAGE(troupe::role::tree::attach_sequencer)
TROUPE_MESSAGE(troupe::role::tree::attach_sessions)
TROUPE_MESSAGE(troupe::role::tree::attach_lane)
TROUPE_MESSAGE(troupe::role::tree::load)
TROUPE_MESSAGE(troupe::role::tree::load_finished)
TROUPE_MESSAGE(troupe::role::tree::lead)
TROUPE_MESSAGE(troupe::role::tree::session_owned)
TROUPE_MESSAGE(troupe::role::tree::stop_leading)
TROUPE_MESSAGE(troupe::role::tree::prepare)
TROUPE_MESSAGE(troupe::role::tree::deliver)
TROUPE_MESSAGE(troupe::role::tree::read)
TROUPE_MESSAGE(troupe::role::tree::watcher_identities)
TROUPE_MESSAGE(troupe::role::tree::watchers_gone)
TROUPE_MESSAGE(troupe::role::tree::inspect)
TROUPE_MESSAGE(troupe::role::tree::guard_mount)
TROUPE_MESSAGE(troupe::role::tree::changes)
TROUPE_MESSAGE(troupe::role::tree::read_changes)
