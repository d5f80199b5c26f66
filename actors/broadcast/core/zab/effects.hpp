/// What ZAB's core wants to be done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/txn.hpp>

#include "actors/broadcast/core/zab/messages.hpp"

namespace troupe::broadcast::zab {

using proposal = std::variant<encoded_txn, verdict>;

/// What a server knows about itself, durably when the core hears `epochs_written`.
struct epochs {
  std::uint32_t accepted = 0;  ///< the newest promise
  std::uint32_t current = 0;   ///< the newest claim: all that its leader began with is here
  /// Whether its promises count. A server whose directory was empty may have forgotten what it
  /// promised, and transactions that others count on, so it does not vote before a leader has
  /// synchronised it, or all members of the ensemble are as empty (design section 5).
  bool member = false;
  /// Whether the history is an ensemble's. One that a single server has made alone may found one.
  bool shared = false;
  [[nodiscard]] constexpr bool founds() const noexcept { return current > 0 && !shared; }
  constexpr auto operator<=>(const epochs&) const noexcept = default;
};

/// What shall happen. Effects for one destination keep their order; between destinations any order
/// is safe, because the core holds back whatever depends on the disk (design section 5).
namespace effect {
struct send {
  server_id to;
  zab::message message;
};
struct append {
  std::vector<encoded_txn> txns;
  zxid committed;
};
struct truncate {
  zxid after;
};
struct write_epochs {
  zab::epochs epochs;
};
/// Answered by `member::range` with the same token: the transactions after `after`.
struct read_range {
  std::uint64_t token = 0;
  zxid after;
  std::size_t most_bytes = 0;
};
/// Answered by `member::located` with the same token: the hash of the history up to `at`.
struct locate {
  std::uint64_t token = 0;
  zxid at;
};
/// Answered by `member::snapshot_read` with the same token: the beginning of the newest snapshot,
/// which must not be older than `at_least`. It stays, with the log after it, until it is released.
struct read_snapshot {
  std::uint64_t token = 0;
  zxid at_least;
};
/// Answered likewise, by a chunk or the end.
struct next_snapshot_chunk {
  std::uint64_t token = 0;
};
struct release_snapshot {
  std::uint64_t token = 0;
};
/// A snapshot of the leader takes the place of the history. Beginning and chunks are answered by
/// `member::install_progress`, the end by `member::installed`, when the tree has it, too.
struct install_begin {
  snapshot_begin header;
};
struct install_chunk {
  blob bytes;
};
struct install_end {};
/// Instead of the end. Not answered.
struct install_abandon {};
/// To the tree: committed, in order.
struct deliver {
  std::vector<proposal> committed;
};
/// To the tree: this server decides from now on.
struct lead {
  std::uint32_t epoch = 0;
};
/// To the leading tree: what a learner forwarded.
struct prepare {
  std::vector<write_request> requests;
};
/// To the leader's session component: these were heard of elsewhere.
struct touch {
  std::vector<session_id> sessions;
};
/// To the leader's session component: clients want to go on with these sessions at another server.
struct session_claims {
  server_id from;
  std::vector<session_claim> claims;
};
/// To a learner's session component: the leader's answers.
struct session_answers {
  std::vector<claim_answer> answers;
};
/// To a learner's session component: these went on elsewhere.
struct sessions_moved {
  std::vector<session_id> sessions;
};
/// To the tree: it decides no more. What it had proposed may or may not be committed one day.
struct stop_leading {};
/// To the election: this server needs a leader.
struct look {
  std::uint32_t current_epoch = 0;
  zxid last;
  bool eligible = true;  ///< false: it must not lead
  bool votes = true;     ///< false: it counts as if its directory had been lost
  bool founder = false;  ///< all that was ever committed was committed by this server alone
};
/// To the election: this server has one.
struct settled {
  server_id leader;
  std::uint32_t epoch = 0;
};
/// To the gateways.
struct serving {
  bool serves = false;
  bool leads = false;
};
/// The histories of two servers contradict each other, or a message does what no correct server
/// does: this server must not go on with its history as it is.
struct diverged {
  std::string reason;
};
/// For the log of the operator.
struct note {
  std::string event;
  std::string reason;
};
/// Likewise: what must not happen did, and is being repaired.
struct alarm {
  std::string event;
  std::string reason;
};
}  // namespace effect

using any_effect = std::variant<
    effect::send, effect::append, effect::truncate, effect::write_epochs, effect::read_range,
    effect::locate, effect::read_snapshot, effect::next_snapshot_chunk, effect::release_snapshot,
    effect::install_begin, effect::install_chunk, effect::install_end, effect::install_abandon,
    effect::deliver, effect::lead, effect::prepare, effect::touch, effect::session_claims,
    effect::session_answers, effect::sessions_moved, effect::stop_leading, effect::look,
    effect::settled, effect::serving, effect::diverged, effect::note, effect::alarm>;
using effects = std::vector<any_effect>;

/// What was read of a snapshot.
struct no_snapshot {
  bool later = false;  ///< there will be one, or it can be read another time
};
using snapshot_part = std::variant<snapshot_begin, snapshot_chunk, snapshot_end, no_snapshot>;

}  // namespace troupe::broadcast::zab
