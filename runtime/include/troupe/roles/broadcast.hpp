/// Role `broadcast`, version 1: total order. Takes writes, has them prepared by the leader's tree,
/// logs and replicates them, and delivers what is committed to its own server's tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/session_claim.hpp>
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
  /// After so much time without a word, `disk_bound` holds again.
  static constexpr milliseconds disk_bound_again{20};
  std::vector<tree::request> requests;
  /// All who were heard of lately write, or there is one client only: whoever waits for the disk on
  /// the thread that serves them makes nobody wait who does not wait for it anyway. A hint, never
  /// needed. When it is not so, the ZooKeeper gateway says that without requests, too, every
  /// `disk_bound_again` / 2 at least: other servers' writes also make this one wait for its disk.
  bool disk_bound = false;
};

/// These sessions were heard of by this server lately: a list of those since the last one. Only the
/// leader expires sessions, so it has to know. From the session component.
struct touch {
  std::vector<session_id> sessions;
};

/// Clients want to go on with these sessions at this server, which follows. From the session
/// component; the leader's gets it as `claims_asked`. There is no answer if the leader is lost:
/// then it has to be asked again when this server serves.
struct ask_leader {
  std::vector<session_claim> claims;
};
/// To the leader's session component; it answers with `answer_claims`.
struct claims_asked {
  server_id from;
  std::vector<session_claim> claims;
};
struct answer_claims {
  server_id to;
  std::vector<claim_answer> answers;
};
/// To the session component that asked.
struct claims_answered {
  std::vector<claim_answer> answers;
};
/// From the leader's session component: the session belongs to the server `to` now. Its former
/// owner `from` is told, or all others if that is not known (0).
struct tell_moved {
  session_id session;
  server_id from;
  server_id to;
};
/// To the session component of a former owner: connections with these sessions must be closed.
struct sessions_moved {
  std::vector<session_id> sessions;
};

/// To the session component: what those of the other servers said.
using touch_listener = handle<touch, claims_asked, claims_answered, sessions_moved>;
struct attach_touches {
  touch_listener listener;
};

/// How another server does that is connected to this leader, as the leader knows it.
struct learner {
  server_id server;
  bool votes = false;
  bool synced = false;  ///< it has all that the epoch began with, and serves
  std::string stage;    ///< how far it has come, in one word
  troupe::zxid durable;
  std::uint64_t lag = 0;    ///< transactions of the leader that it does not have durably
  milliseconds silence{0};  ///< since it was heard of
  milliseconds synced_for{0};
};

/// The server in its ensemble, as it knows it.
struct inspection {
  std::uint64_t token = 0;
  bool ensemble = false;  ///< false: one server by itself, and nothing below means anything
  server_id self;
  server_mode mode = server_mode::starting;
  std::string phase;  ///< election, discovery, synchronization or broadcast
  /// Whom it follows, itself if it leads, nobody while it looks for a leader.
  std::optional<server_id> leader;
  std::uint32_t epoch = 0;         ///< the newest one that this server has claimed
  milliseconds leader_for{0};      ///< how long it has led or followed, and served
  milliseconds leader_silence{0};  ///< of a learner: since it heard of its leader
  troupe::zxid last;               ///< in the log
  troupe::zxid committed;
  /// Of a learner: transactions that it has got from its leader, and that are not committed here.
  std::uint64_t lag = 0;
  std::uint64_t pending_syncs = 0;  ///< of the leader: syncs that wait for a transaction
  /// Of the leader, in this epoch: bytes of the last, smallest and largest proposal; -1 if none.
  std::int64_t last_proposal = -1, smallest_proposal = -1, largest_proposal = -1;
  std::vector<broadcast::learner> learners;  ///< of the leader, by id
  /// All servers of the ensemble with the addresses where they expect each other.
  std::vector<std::pair<server_id, std::string>> voters, observers;
};
using asker = handle<inspection>;

/// Asks for an `inspection`.
struct inspect {
  broadcast::asker to;
  std::uint64_t token = 0;
};

inline constexpr const char* name = "broadcast";
inline constexpr int version = 1;

/// A component with role broadcast.
using actor =
    handle<attach, attach_touches, submit, touch, inspect, ask_leader, answer_claims, tell_moved>;

}  // namespace troupe::role::broadcast

TROUPE_MESSAGE(troupe::role::broadcast::serving_changed)
TROUPE_MESSAGE(troupe::role::broadcast::attach)
TROUPE_MESSAGE(troupe::role::broadcast::submit)
TROUPE_MESSAGE(troupe::role::broadcast::touch)
TROUPE_MESSAGE(troupe::role::broadcast::ask_leader)
TROUPE_MESSAGE(troupe::role::broadcast::claims_asked)
TROUPE_MESSAGE(troupe::role::broadcast::answer_claims)
TROUPE_MESSAGE(troupe::role::broadcast::claims_answered)
TROUPE_MESSAGE(troupe::role::broadcast::tell_moved)
TROUPE_MESSAGE(troupe::role::broadcast::sessions_moved)
TROUPE_MESSAGE(troupe::role::broadcast::attach_touches)
TROUPE_MESSAGE(troupe::role::broadcast::inspect)
TROUPE_MESSAGE(troupe::role::broadcast::inspection)
