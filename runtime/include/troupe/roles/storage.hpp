/// Role `storage`, version 1: the history of transactions and the snapshots, on disk or in memory.
///
/// The broadcast is the only one who appends; the tree is the only one who writes snapshots. Each
/// attaches itself once and is told what became of its requests. A write or sync that fails is
/// reported to the supervisor as `failed` and nothing is acknowledged any more: what the kernel
/// dropped cannot be known (design section 6).
///
/// A broadcast of several servers attaches itself for more: it reads from the history, compares it
/// with those of others, cuts off what was never committed, and replaces it as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/txn.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::storage {

/// The two epochs of ZAB: `accepted` is promised, `current` is claimed (protocol section 11.1).
struct epochs {
  std::uint32_t accepted = 0;
  std::uint32_t current = 0;
  /// Whether this server's votes and promises count. One whose directory was empty may have
  /// forgotten what it promised, and what others count on, so it does not vote before a leader has
  /// synchronised it, or all members of the ensemble have reported to be as empty (design section
  /// 5). Once true it stays true, and it is true whenever `current` is not 0, with one exception: a
  /// server whose history was damaged and put aside is no member, although it keeps what it
  /// promised and claimed, until it says `member` again, having everything of a leader. It must not
  /// lead either: what it claims to have it has not.
  bool member = false;
  /// An ensemble was led with this history, or it was received from one. A history without this
  /// was made, or continued, by one server alone (`broadcast.local`), which may found an ensemble
  /// with it.
  bool shared = false;
};

/// A place in the history: a transaction, and the hash of the history up to it. Servers that have
/// the same hash at the same zxid have the same history up to there, whatever their logs look like
/// (ZOOKEEPER-1154). The empty history ends at zxid 0 with hash 0.
struct history_point {
  troupe::zxid zxid;
  std::uint64_t hash = 0;
  bool operator==(const history_point&) const = default;
};

// ------------------------------------------------- what storage tells whom

/// Pieces of the recovered state, in this order: at most one snapshot (begin, chunks), then
/// committed transactions, then uncommitted ones, then the end.
namespace recovery {
struct snapshot_begin {
  troupe::zxid zxid;
  std::uint64_t tree_digest = 0;   ///< what the loaded tree must come to
  std::uint64_t history_hash = 0;  ///< of everything up to `zxid`
};
struct snapshot_chunk {
  blob bytes;  ///< as the tree wrote it, in the same order, cut anywhere between its chunks
};
struct committed {
  std::vector<encoded_txn> txns;
};
/// Durable here, but not known to be committed. A quorum of one commits them itself.
struct uncommitted {
  std::vector<encoded_txn> txns;
};
struct end {
  storage::epochs epochs;
  troupe::zxid last;                      ///< newest durable transaction or snapshot
  std::uint32_t start_number = 0;         ///< number of this start of the server, for origins
  std::uint64_t history_hash = 0;         ///< of everything up to `last`
  troupe::zxid log_after;                 ///< as in `described`
  std::vector<history_point> epoch_ends;  ///< as in `described`
  /// Not `epochs.member`: this server must not vote (ZOOKEEPER-261, 2325, 3056).
  bool blank = true;
};
}  // namespace recovery

/// One answer to `recover_next`.
struct recovered {
  std::variant<recovery::snapshot_begin, recovery::snapshot_chunk, recovery::committed,
               recovery::uncommitted, recovery::end>
      piece;
};

/// Everything appended up to and including `zxid` survives a power cut.
struct persisted {
  troupe::zxid zxid;
};

struct epochs_written {
  storage::epochs epochs;
};

/// There is no space for new transactions (`path` names where), or there is again. When space runs
/// out, everything appended after the last `persisted` is discarded and will never be written, and
/// so is whatever else comes of the same epoch: who appends gives up leading, and appends again
/// under a new epoch when there is space.
struct space_changed {
  bool available = true;
  std::string path;
};

/// The log has grown enough since the last snapshot; the tree should write one.
struct snapshot_wanted {};

/// The chunk, or the snapshot as a whole, was taken; the tree may send the next.
struct snapshot_progress {
  bool finished = false;
  bool failed = false;  ///< no space: this snapshot is given up, another is wanted later
};

/// The answer to `read_range`.
struct range {
  std::uint64_t token = 0;
  std::vector<encoded_txn> txns;  ///< in order and without gaps; the first follows `after`
  history_point after;            ///< what was asked for, with its hash; hash 0 if `gone`
  bool more = false;              ///< others are durable after these
  /// The transactions cannot be given: the log does not reach back to `after` any more, `after` is
  /// not in this history, or the history was cut or replaced meanwhile. There are no `txns` then.
  bool gone = false;
  zxid log_after;  ///< as in `described`
};

/// The answer to `locate`.
struct located {
  std::uint64_t token = 0;
  troupe::zxid zxid;
  std::optional<std::uint64_t> hash;  ///< nothing if this history, or the log, does not have it
};

/// The answer to `describe`: what is durable of the history.
struct described {
  std::uint64_t token = 0;
  history_point last;  ///< newest transaction, or the snapshot if nothing follows it
  zxid log_after;      ///< the transactions after this one can be read from the log
  /// The last transactions of the newest epochs that storage knows, oldest epoch first; the last
  /// one is `last`. At most 64. Two servers compare them to find where their histories part.
  std::vector<history_point> epoch_ends;
};

/// The answer to `truncate`: the history ends here, and will after a power cut, too.
struct truncated {
  history_point last;
};

/// The chunk of another server's snapshot was taken; the next may be sent. If `failed`, there was
/// no space, the installation is given up and the old history stays as it was.
struct install_progress {
  bool failed = false;
};

/// The history is the snapshot and nothing else, and will be after a power cut, too.
struct installed {
  history_point last;
};

/// What a reader of a snapshot is told besides its beginning and its chunks.
namespace reading {
/// That was the last chunk.
struct end {};
/// There is no snapshot, or this one cannot be read any more: it was damaged, or the history was
/// replaced. If `busy`, too many are being read: try again later.
struct none {
  bool busy = false;
};
}  // namespace reading

/// One answer to `read_snapshot` and to `next_snapshot_chunk`.
struct snapshot_piece {
  std::uint64_t token = 0;
  std::variant<recovery::snapshot_begin, recovery::snapshot_chunk, reading::end, reading::none>
      piece;
};

/// The broadcast, seen from storage.
using log_client = handle<recovered, persisted, epochs_written, space_changed>;
/// Whoever compares, cuts and replaces the history, seen from storage: a broadcast of several
/// servers. The same actor as the `log_client`.
using history_client =
    handle<range, located, described, truncated, install_progress, installed, snapshot_piece>;
/// The tree, seen from storage.
using snapshot_client = handle<snapshot_wanted, snapshot_progress>;

// ------------------------------------------------- what storage understands

struct attach_log {
  log_client client;
};
struct attach_snapshots {
  snapshot_client client;
};
struct attach_history {
  history_client client;
};
/// Asks for the next piece of the recovered state. Nothing is appended before the end was given.
struct recover_next {};

/// Appends to the history: each transaction follows the one before it. `committed` is the newest
/// zxid known to be committed; it is recorded beside the transactions, at no cost of its own.
/// An empty list only notes `committed`.
struct append {
  std::vector<encoded_txn> txns;
  troupe::zxid committed;
  /// A quick disk may be waited for right here (see broadcast's `submit`).
  bool disk_bound = false;
  /// But only for somebody who writes alone: when there are more, others can work during the sync.
  /// And not before everything that waits on this thread now was done: what the sender has to say
  /// to others leaves first.
  bool alone = false;
};

/// Makes the epochs durable; answered by `epochs_written`.
struct write_epochs {
  storage::epochs epochs;
};

/// Asks for the transactions directly after zxid `after`, about `most_bytes` of them (at least one,
/// at most 16 MiB and one); answered by `range`. Given is what is durable when storage hears this;
/// what the sender appended later it knows itself. Appends are not held up.
struct read_range {
  std::uint64_t token = 0;
  zxid after;
  std::size_t most_bytes = 0;
};

/// Asks for the hash of the history up to `zxid`; answered by `located`.
struct locate {
  std::uint64_t token = 0;
  troupe::zxid zxid;
};

/// Asks what is durable of the history; answered by `described`, once that has everything that was
/// appended before (or was discarded for want of space).
struct describe {
  std::uint64_t token = 0;
};

/// Removes all transactions after `after`, which is in this history and not older than anything
/// known to be committed. Comes after everything appended before; nothing is appended, and the
/// history is not changed otherwise, until it is answered by `truncated`. A crash leaves either the
/// old or the new history. What was cut off never comes back.
///
/// If the history ends before `after`, because there was no space for the rest, nothing is removed.
/// In any case transactions of every promised epoch are taken again afterwards: this is how one
/// goes on within the epoch of `space_changed`.
struct truncate {
  zxid after;
};

/// The snapshot of another server begins, whose history has hash `history_hash` at `zxid`. One at a
/// time: another one gives the one before up. Until `install_end` the history is the old one and
/// may be appended to. `zxid` is not older than anything known to be committed, and its epoch is
/// promised. Who asks for this has made sure that nothing after `zxid` counts any more that this
/// server has acknowledged: the other history does not have it.
/// This, and every chunk, is answered by `install_progress` before the next message may be sent.
struct install_begin {
  troupe::zxid zxid;
  std::uint64_t tree_digest = 0;
  std::uint64_t history_hash = 0;
};
/// As `recovery::snapshot_chunk` or `snapshot_piece` had it, in the same order.
struct install_chunk {
  blob bytes;
};
/// The snapshot is complete: it replaces the history. Comes after everything appended before, and
/// nothing is appended until it is answered by `installed` (or by `install_progress`, if it
/// failed). A crash leaves either the old or the new history (ZOOKEEPER-2872, 3642, 5094).
struct install_end {};
/// Gives an installation up before its end; not answered. A crash does the same.
struct install_abandon {};

/// Begins to read the newest snapshot, to send it to another server; answered by `snapshot_piece`
/// with its beginning or `none`. The sender chooses `token`, a new one each time. The snapshot and
/// all of the log after it stay until `release_snapshot`, even after `end`. At most four are held
/// at a time; after `none`, nothing is. A snapshot older than `at_least` is not given: the tree is
/// asked for a new one, and the answer is `none`, `busy`.
struct read_snapshot {
  std::uint64_t token = 0;
  zxid at_least;
};
/// Asks for the next chunk, about 256 KiB or one that the tree wrote, if that is larger; answered
/// by `snapshot_piece`. One at a time for each token.
struct next_snapshot_chunk {
  std::uint64_t token = 0;
};
/// The snapshot, and the log after it, are not needed any more. Fine at any time after
/// `read_snapshot`; an answer that was under way is not given then.
struct release_snapshot {
  std::uint64_t token = 0;
};

/// A snapshot of exactly the state at `zxid`, in chunks. One at a time; each of the three messages
/// is answered by `snapshot_progress` before the next may be sent.
struct snapshot_begin {
  troupe::zxid zxid;
  std::uint64_t tree_digest = 0;
};
struct snapshot_chunk {
  blob bytes;
};
struct snapshot_end {};

/// Role name and version, as wires compare them.
inline constexpr const char* name = "storage";
inline constexpr int version = 1;

/// A component with role storage.
using actor =
    handle<attach_log, attach_snapshots, attach_history, recover_next, append, write_epochs,
           read_range, locate, describe, truncate, install_begin, install_chunk, install_end,
           install_abandon, read_snapshot, next_snapshot_chunk, release_snapshot, snapshot_begin,
           snapshot_chunk, snapshot_end>;

}  // namespace troupe::role::storage

TROUPE_MESSAGE(troupe::role::storage::recovered)
TROUPE_MESSAGE(troupe::role::storage::persisted)
TROUPE_MESSAGE(troupe::role::storage::epochs_written)
TROUPE_MESSAGE(troupe::role::storage::space_changed)
TROUPE_MESSAGE(troupe::role::storage::snapshot_wanted)
TROUPE_MESSAGE(troupe::role::storage::snapshot_progress)
TROUPE_MESSAGE(troupe::role::storage::range)
TROUPE_MESSAGE(troupe::role::storage::located)
TROUPE_MESSAGE(troupe::role::storage::described)
TROUPE_MESSAGE(troupe::role::storage::truncated)
TROUPE_MESSAGE(troupe::role::storage::install_progress)
TROUPE_MESSAGE(troupe::role::storage::installed)
TROUPE_MESSAGE(troupe::role::storage::snapshot_piece)
TROUPE_MESSAGE(troupe::role::storage::attach_log)
TROUPE_MESSAGE(troupe::role::storage::attach_snapshots)
TROUPE_MESSAGE(troupe::role::storage::attach_history)
TROUPE_MESSAGE(troupe::role::storage::recover_next)
TROUPE_MESSAGE(troupe::role::storage::append)
TROUPE_MESSAGE(troupe::role::storage::write_epochs)
TROUPE_MESSAGE(troupe::role::storage::read_range)
TROUPE_MESSAGE(troupe::role::storage::locate)
TROUPE_MESSAGE(troupe::role::storage::describe)
TROUPE_MESSAGE(troupe::role::storage::truncate)
TROUPE_MESSAGE(troupe::role::storage::install_begin)
TROUPE_MESSAGE(troupe::role::storage::install_chunk)
TROUPE_MESSAGE(troupe::role::storage::install_end)
TROUPE_MESSAGE(troupe::role::storage::install_abandon)
TROUPE_MESSAGE(troupe::role::storage::read_snapshot)
TROUPE_MESSAGE(troupe::role::storage::next_snapshot_chunk)
TROUPE_MESSAGE(troupe::role::storage::release_snapshot)
TROUPE_MESSAGE(troupe::role::storage::snapshot_begin)
TROUPE_MESSAGE(troupe::role::storage::snapshot_chunk)
TROUPE_MESSAGE(troupe::role::storage::snapshot_end)
