/// All sessions of a native gateway, and which of them every message from the other rooms is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>

#include "actors/gateway/rpc/clients.hpp"
#include "actors/gateway/rpc/core/barriers.hpp"
#include "actors/gateway/rpc/core/disk_hint.hpp"

namespace troupe::rpc {

/// Everything that one turn of the gateway has for others. Reads must be handed over before writes,
/// so that a write which comes after them in a session is not applied before them.
struct desk_turn {
  role::tree::read reads;
  role::tree::watchers_gone gone;
  std::vector<role::tree::watcher_identities> identities;
  role::broadcast::submit writes;
  bool readers_wait = false;  ///< `writes` says by `disk_bound` what broadcast must know now
  role::session::open opens;
  std::vector<role::session::resume> resumes;
  role::session::touch touches;
};

/// What happened since the start.
struct desk_counters {
  std::uint64_t batches = 0;
  std::uint64_t writes = 0;
  std::uint64_t reads = 0;
  std::uint64_t events = 0;
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_resumed = 0;
  std::uint64_t outstanding = 0;  ///< operations without an outcome now
};

/// The gateway without its sockets: no I/O, no clock. Calls say what happened and when; what is to
/// be told to others is collected until `take_turn`. Outcomes of one session come in the order of
/// its operations, because a read carries the newest unfinished write of its session, or sync that
/// it waits for, and is parked behind that in the tree.
class desk {
public:
  struct settings {
    std::uint32_t lane = 0;
    std::size_t most_reply_bytes = 16 << 20;  ///< of a page, and of a list of names
  };
  /// Numbers begin at `first_number`, which must be larger than any that a predecessor of this
  /// gateway, with the same lane, can have used. `work` is called when a turn has something in it.
  desk(settings fixed, std::uint64_t first_number, std::function<void()> work);

  /// Says what time it is in what follows.
  void at(monotonic_time now) noexcept { now_ = now; }

  // ------------------------------------------------------------ from clients
  void open(session_wish wish, std::unique_ptr<opening_sink> sink);
  void submit(std::uint64_t session, std::vector<operation> batch,
              std::unique_ptr<batch_sink> sink);
  /// The client is there. The newest zxid that its session may know of.
  zxid touch(std::uint64_t session);
  /// From now on the session's operations are of these identities too.
  void identify(std::uint64_t session, identities who);
  /// The client dropped the session's capability, or its connection is gone. The session itself
  /// stays until its timeout.
  void release(std::uint64_t session);
  /// All that a connection had.
  void release_link(std::uint64_t link);

  // --------------------------------------------------------- from other rooms
  void on(role::tree::output& message);
  void on(const role::session::resumed& message);
  void on(const role::session::moved& message);
  void on(const role::broadcast::serving_changed& message);

  [[nodiscard]] bool has_turn() const noexcept { return turn_pending_; }
  desk_turn take_turn();

  [[nodiscard]] bool serving() const noexcept { return serving_.serving; }
  [[nodiscard]] const role::broadcast::serving_changed& server() const noexcept { return serving_; }
  [[nodiscard]] zxid applied() const noexcept { return known_applied_; }
  [[nodiscard]] const desk_counters& totals() const noexcept { return counters_; }
  [[nodiscard]] std::size_t sessions() const noexcept { return members_.size(); }
  /// Whose it is and who that is; nothing if it has ended, or is not there yet.
  [[nodiscard]] std::optional<std::pair<session_id, identities>>
  client(std::uint64_t session) const;
  /// Of a connection: those that it got and that have not ended.
  [[nodiscard]] std::size_t live_sessions(std::uint64_t link) const;

private:
  struct batch {
    std::unique_ptr<batch_sink> sink;
    finished_batch result;
    std::size_t missing = 0;
    std::list<batch>::iterator self;
  };
  /// An operation whose outcome has not come.
  struct slot {
    std::uint64_t sequence = 0;
    batch* of = nullptr;
    std::uint32_t index = 0;
    std::uint64_t barrier = 0;        ///< the sync that it waits for
    zxid wanted;                      ///< at least this must be shown
    std::unique_ptr<list_op> listed;  ///< of a list whose names are asked for
    bool has_names = false;           ///< and have come: its nodes are asked for
  };
  /// Whose names come in pieces.
  struct unfinished {
    slot of;
    zxid at;
    read_result result;
    std::uint64_t bytes = 0;  ///< of all names
    bool too_large = false;   ///< names are only counted
    bool given_up = false;    ///< not all of them came
  };
  /// One session in one connection.
  struct member {
    std::uint64_t number = 0;
    std::uint64_t link = 0;
    session_id session;
    identities who;
    zxid since;
    std::unique_ptr<opening_sink> opening;  ///< until the session is granted or refused
    std::unique_ptr<watcher_sink> watcher;
    std::optional<session_end> ended;
    std::uint64_t handshake = 0;  ///< sequence, while it is opened
    session_id resumes;
    std::uint64_t newest_write = 0;  ///< write or sync, unfinished
    std::deque<slot> slots;
    std::deque<unfinished> lists;
    std::list<batch> batches;
    std::uint64_t events_told = 0;
    std::vector<event> events;
  };

  [[nodiscard]] member* find(std::uint64_t number);
  std::uint64_t next_sequence() noexcept { return next_number_++; }
  void work();
  // desk_sessions.cpp
  void grant(member& to, session_id session, milliseconds timeout, std::string_view password);
  void refuse(member& to, problem why);
  void forget_handshake(member& one);
  void end(member& one, session_end cause);
  void leave_if_answered(member& one);
  void let_go(member& one);
  void remove(member& one);
  // desk.cpp
  void start(member& from, batch& of, std::uint32_t index, operation&& op);
  void write(member& from, slot&& expected, write_op&& op, std::uint64_t request_id);
  void read(member& from, slot&& expected, read_op&& op);
  std::uint64_t barrier_for(const freshness& how_new);
  // desk_outcomes.cpp
  void deliver(role::tree::write_reply& item);
  void deliver(role::tree::session_reply& item);
  void deliver(role::tree::read_reply& item);
  void deliver(role::tree::read_piece& item);
  void deliver(role::tree::watch_event& item);
  void deliver(role::tree::session_ended& item);
  [[nodiscard]] std::uint64_t most_name_bytes(bool listed) const;
  slot take_slot(member& from, std::uint64_t sequence);
  void complete(member& from, slot&& expected, zxid at, read_result&& result);
  void listed(member& from, slot&& expected, zxid at, read_result&& names);
  void settle(member& from, const slot& expected, outcome&& what);
  void tell_events();

  const settings settings_;
  const std::function<void()> work_;
  std::uint64_t next_number_;
  monotonic_time now_;

  // Ordered where it is walked through, so that equal input gives equal effects.
  absl::btree_map<std::uint64_t, std::unique_ptr<member>> members_;
  absl::flat_hash_map<std::uint64_t, member*> by_number_;
  absl::flat_hash_map<std::uint64_t, member*> routes_;  ///< by sequence: writes and handshakes
  absl::flat_hash_map<session_id, member*> holders_;
  absl::btree_set<std::pair<session_id, std::uint64_t>> resuming_;  ///< with the handshake
  absl::flat_hash_map<std::uint64_t, std::size_t> live_;            ///< sessions, by connection
  std::vector<std::uint64_t> with_events_;                          ///< members

  barriers barriers_;
  disk_hint hint_{role::broadcast::submit::disk_bound_again / 2};
  role::broadcast::serving_changed serving_;
  zxid applied_;        ///< everything up to here has been handed to the clients
  zxid known_applied_;  ///< at least this is in the tree
  desk_counters counters_;
  bool turn_pending_ = false;
  desk_turn turn_;
};

}  // namespace troupe::rpc
