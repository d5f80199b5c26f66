/// Role `storage`, version 1: the history of transactions and the snapshots, on disk or in memory.
///
/// The broadcast is the only one who appends; the tree is the only one who writes snapshots. Each
/// attaches itself once and is told what became of its requests. A write or sync that fails is
/// reported to the supervisor as `failed` and nothing is acknowledged any more: what the kernel
/// dropped cannot be known (design section 6).
#pragma once

#include <cstdint>
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
};

// ------------------------------------------------- what storage tells whom

/// Pieces of the recovered state, in this order: at most one snapshot (begin, chunks), then
/// committed transactions, then uncommitted ones, then the end.
namespace recovery {
struct snapshot_begin {
  troupe::zxid zxid;
  std::uint64_t tree_digest = 0;  ///< what the loaded tree must come to
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
  troupe::zxid last;               ///< newest durable transaction or snapshot
  std::uint32_t start_number = 0;  ///< number of this start of the server, for origins
  std::uint64_t history_hash = 0;  ///< of everything up to `last`
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

/// The broadcast, seen from storage.
using log_client = handle<recovered, persisted, epochs_written, space_changed>;
/// The tree, seen from storage.
using snapshot_client = handle<snapshot_wanted, snapshot_progress>;

// ------------------------------------------------- what storage understands

struct attach_log {
  log_client client;
};
struct attach_snapshots {
  snapshot_client client;
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
};

/// Makes the epochs durable; answered by `epochs_written`.
struct write_epochs {
  storage::epochs epochs;
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
using actor = handle<attach_log, attach_snapshots, recover_next, append, write_epochs,
                     snapshot_begin, snapshot_chunk, snapshot_end>;

}  // namespace troupe::role::storage

TROUPE_MESSAGE(troupe::role::storage::recovered)
TROUPE_MESSAGE(troupe::role::storage::persisted)
TROUPE_MESSAGE(troupe::role::storage::epochs_written)
TROUPE_MESSAGE(troupe::role::storage::space_changed)
TROUPE_MESSAGE(troupe::role::storage::snapshot_wanted)
TROUPE_MESSAGE(troupe::role::storage::snapshot_progress)
TROUPE_MESSAGE(troupe::role::storage::attach_log)
TROUPE_MESSAGE(troupe::role::storage::attach_snapshots)
TROUPE_MESSAGE(troupe::role::storage::recover_next)
TROUPE_MESSAGE(troupe::role::storage::append)
TROUPE_MESSAGE(troupe::role::storage::write_epochs)
TROUPE_MESSAGE(troupe::role::storage::snapshot_begin)
TROUPE_MESSAGE(troupe::role::storage::snapshot_chunk)
TROUPE_MESSAGE(troupe::role::storage::snapshot_end)
