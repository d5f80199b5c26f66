/// Makes room for the log, and takes away what snapshots have made superfluous.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <troupe/sdk/disk.hpp>

#include "actors/storage/files/log_writer.hpp"
#include "actors/storage/files/snapshot_reader.hpp"

namespace troupe::storage {

/// What is on the disk, for people.
struct disk_usage {
  std::uint64_t segments = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t snapshots = 0;
  zxid newest_snapshot;
};

/// Works beside the log's writer and never touches a segment that it writes. One thread at a time.
class housekeeper {
public:
  housekeeper(sdk::disk& disk, std::uint64_t instance, std::size_t snapshots_kept);

  /// Takes the place of a segment on the disk, durably: an old segment that is no longer needed, or
  /// zeros. What is left of a failed attempt is removed.
  sdk::io_result<prepared_segment> prepare(const preparation& wanted);

  /// Keeps the newest sound snapshots and every segment with anything after the oldest of them, and
  /// removes the rest, but for a few segments to be used again. Nothing is removed before there are
  /// enough snapshots. `durable_segment` is the newest segment that was synced.
  sdk::io_status tidy(std::uint64_t durable_segment);

  /// The oldest segment that is still needed, as the last `tidy` has decided: older ones may be
  /// used again at any time.
  [[nodiscard]] std::uint64_t oldest_needed() const noexcept { return oldest_needed_; }

  /// Opens the newest sound snapshot. It and the log after it stay until `release`. Null if there
  /// is none.
  sdk::io_result<std::unique_ptr<snapshot_reader>> hold_newest();
  /// It was held. If it is not `sound`, it has to be checked again before it is used.
  void release(zxid snapshot, bool sound);
  /// Nothing is on the disk any more but this snapshot, and a log that begins after it.
  void begin_anew(zxid snapshot);

  /// The snapshot is known to be sound and need not be checked again.
  void trust(zxid snapshot) { sound_.insert(snapshot); }

  sdk::io_result<disk_usage> usage();

private:
  sdk::io_result<prepared_segment> recycle(std::uint64_t old, std::uint64_t number);
  sdk::io_result<prepared_segment> create(const preparation& wanted);
  /// Opens a segment under its new name, once that is durable.
  sdk::io_result<prepared_segment> settle(std::uint64_t number);
  sdk::io_result<prepared_segment> grow(const preparation& wanted);
  /// Removes the half of a segment that there was space for, and the spare ones.
  sdk::io_status make_room();
  /// The oldest of the snapshots to keep, if there are enough; older ones are removed, unless held.
  sdk::io_result<std::optional<zxid>> tidy_snapshots();
  sdk::io_status tidy_segments(zxid covered, std::uint64_t durable_segment);

  sdk::disk& disk_;
  const std::uint64_t instance_;
  const std::size_t snapshots_kept_;
  std::set<zxid> sound_;
  std::multiset<zxid> held_;
  std::uint64_t oldest_needed_ = 0;
  std::vector<std::uint64_t> spare_;  ///< covered segments, kept to be used again
};

/// Zxids of the snapshots in the directory, sound or not, oldest first.
sdk::io_result<std::vector<zxid>> list_snapshots(sdk::disk& disk);

}  // namespace troupe::storage
