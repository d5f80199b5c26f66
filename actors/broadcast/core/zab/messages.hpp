/// What the members of an ensemble tell each other, in the words of ZAB.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/request.hpp>
#include <troupe/base/session_claim.hpp>
#include <troupe/base/time.hpp>
#include <troupe/base/txn.hpp>

namespace troupe::broadcast::zab {

// ---------------------------------------------------------------- learner to leader

/// FOLLOWERINFO: opens a conversation with the server that the election named.
struct join {
  std::uint32_t accepted_epoch = 0;
  std::uint32_t current_epoch = 0;
  zxid last;
  bool member = false;  ///< see `epochs`
  /// What it has is not what it should be: it needs everything of the leader.
  bool wants_snapshot = false;
  bool shared = false;  ///< see `epochs`
  /// Nobody but the sender may have its history. It is not replaced by another one.
  [[nodiscard]] bool is_a_stranger() const noexcept { return current_epoch > 0 && !shared; }
};

/// ACKEPOCH: the new epoch is promised, durably. What follows is the sender's durable history.
struct epoch_promised {
  std::uint32_t epoch = 0;
  bool again = false;  ///< it had promised this epoch before, so this is no new promise
  std::uint32_t current_epoch = 0;
  zxid last;               ///< newest durable transaction, or the snapshot's
  zxid committed;          ///< newest that is known here to be committed
  std::vector<zxid> ends;  ///< the last zxid of each epoch in the history, ascending
};

/// ACK of NEWLEADER: the leader's history up to that point is durable here, and so is the claim to
/// have it.
struct leader_accepted {
  std::uint32_t epoch = 0;
  /// So long the sender must not help this leader to be established (lease.hpp). One that is
  /// established already need not wait.
  nanoseconds bound{0};
};

/// Everything up to `last` is durable here.
struct durable {
  zxid last;
};

/// What the sender's tree came to after this transaction; see `role::tree::digested`.
struct tree_digest {
  zxid at;
  std::uint64_t digest = 0;
};

/// What the leader sent is here, but the history up to `new_leader`'s point is another one.
struct history_differs {};

/// The last piece of a snapshot is stored; the next may come.
struct snapshot_taken {};

/// REQUEST: writes that came to the sender, in the order of their sessions.
struct forward {
  std::vector<write_request> requests;
};

/// These sessions were heard of by the sender's gateways.
struct touched {
  std::vector<session_id> sessions;
};

/// REVALIDATE: clients want to go on with these sessions at the sender.
struct session_claims {
  std::vector<session_claim> claims;
};

/// Answer to a `ping`.
struct pong {
  std::uint64_t number = 0;
  /// So long, counted from when it took the ping, the sender helps no other leader (lease.hpp).
  nanoseconds bound{0};
};

// ---------------------------------------------------------------- leader to learner

/// LEADERINFO: asks for a promise.
struct new_epoch {
  std::uint32_t epoch = 0;
  bool first_start = false;  ///< of the whole ensemble: who promises becomes a member by that
};

/// TRUNC: the history of the receiver ends at `after` from now on.
struct cut {
  zxid after;
};

/// SNAP: the history of the receiver becomes everything up to `at`, in this form; chunks and the
/// end follow, each after `snapshot_taken`. Then come the transactions after it.
struct snapshot_begin {
  zxid at;
  std::uint64_t tree_digest = 0;
  std::uint64_t history_hash = 0;
};
struct snapshot_chunk {
  blob bytes;
};
struct snapshot_end {};

/// DIFF and PROPOSAL: the next transactions of the leader's history.
struct entries {
  std::vector<encoded_txn> txns;
};

/// NEWLEADER: the history of the leader that it begins its epoch with has been sent. The receiver's
/// must have this hash at `at`, unless that is zero, where nothing is known.
struct new_leader {
  std::uint32_t epoch = 0;
  zxid at;
  std::uint64_t history_hash = 0;
};

/// UPTODATE and COMMIT: everything up to `through` is committed. The first one of a conversation
/// comes when the leader is established, and lets the receiver serve. `verdicts` are refusals of
/// requests that came from the receiver, in order; each belongs after its `after`.
struct commit {
  zxid through;
  std::vector<verdict> verdicts;
};

/// Asks whether the receiver still follows. A quorum of answers proves that nobody else led when
/// the question was asked.
struct ping {
  std::uint64_t number = 0;
};

/// The receiver's tree is another one than a quorum's. It is to join again, for a snapshot.
struct tree_differs {
  zxid at;
};

/// Answer to `session_claims`.
struct session_answers {
  std::vector<claim_answer> answers;
};

/// Clients have gone on with these sessions at other servers: whoever still has a connection of
/// theirs here is to be sent away.
struct sessions_moved {
  std::vector<session_id> sessions;
};

// ---------------------------------------------------------------- both ways

/// The conversation is over; `reason` is for the log. A leader that hands over names its
/// `successor`, which has its whole history, so that nobody needs an election; otherwise zero.
struct leave {
  std::string reason;
  server_id successor;
};

using body =
    std::variant<join, epoch_promised, leader_accepted, durable, tree_digest, history_differs,
                 snapshot_taken, forward, touched, pong, new_epoch, cut, snapshot_begin,
                 snapshot_chunk, snapshot_end, entries, new_leader, commit, ping, tree_differs,
                 leave, session_claims, session_answers, sessions_moved>;

/// A learner numbers its conversations, and both sides drop what belongs to another one: a message
/// that was on its way while its sender changed its role means nothing any more.
struct message {
  std::uint64_t conversation = 0;
  zab::body body;
};

}  // namespace troupe::broadcast::zab
