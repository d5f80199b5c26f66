/// A start: finds the state on the disk, or says why it must not be used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/result.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/files/log_scan.hpp"
#include "actors/storage/files/segment_reader.hpp"
#include "actors/storage/files/server_files.hpp"
#include "actors/storage/files/snapshot_reader.hpp"

namespace troupe::storage {

/// What a start has found and settled.
struct recovered_facts {
  directory_identity identity;
  epoch_facts epochs;  ///< with the number of this start
  scanned_log log;
  std::optional<zxid> snapshot;
  std::uint64_t snapshot_bytes = 0;  ///< of it, after decompression
  bool first_start = false;
  bool clean = false;                 ///< the last shutdown was
  std::vector<std::string> warnings;  ///< snapshots that could not be used
  zxid newest_unusable;               ///< of these
  std::string replaced;               ///< the damage for which this start put the history aside
  std::string evidence;               ///< where that is, or what an earlier start put aside
};

/// One piece of the recovered state: a snapshot's header, some of its chunks, some transactions.
struct recovered_transactions {
  std::vector<encoded_txn> txns;
  bool committed = true;
};
using recovered_piece = std::variant<snapshot_header, blob, recovered_transactions>;

/// What becomes of a damaged history. One that is known to be an ensemble's can be replaced by that
/// of the others: it is put aside, and the server is no member until it has claimed an epoch again.
enum class on_damage { stop, replace };

/// Opens the data directory, once per process, and reads the state piece by piece. One thread at a
/// time.
class recovery {
public:
  /// Upper bound of a piece, but for a larger single transaction or chunk.
  static constexpr std::size_t piece_bytes = 1024 * 1024;

  /// Carries out what was decided before a crash. Then checks everything that this start depends
  /// on, from the newest sound snapshot to the end of the log; only then changes anything: ends the
  /// log where it ends, so that nothing torn can come back, and counts the start. `new_instance` is
  /// used if the directory is new.
  static result<std::unique_ptr<recovery>> open(sdk::disk& disk, server_id server,
                                                std::uint64_t new_instance,
                                                on_damage policy = on_damage::stop);

  [[nodiscard]] const recovered_facts& facts() const noexcept { return facts_; }
  /// The next piece: snapshot, committed transactions, uncommitted ones, nothing.
  result<std::optional<recovered_piece>> next();

private:
  using problem = std::optional<start_failure>;

  explicit recovery(sdk::disk& disk) : disk_(disk) {}

  problem identify(server_id server);
  problem make_directories();
  problem initialise(directory_identity identity);
  problem check_emptiness();
  /// Finds snapshot and log.
  problem examine();
  /// Puts a history with that damage aside, and begins with none.
  problem replace(const start_failure& why);
  /// Carries out a change of the history that a crash has interrupted.
  problem finish_changes();
  problem choose_snapshot();
  problem scan();
  problem check_epochs();
  /// From here on the directory is changed.
  problem settle();
  sdk::io_status end_log();
  /// Writes what is not known to be durable once more. If the process before ended because a sync
  /// failed, the system still shows what it wrote, but has forgotten that the medium does not have
  /// it, and another sync alone would report success.
  sdk::io_status write_again(sdk::file& file);

  result<std::optional<recovered_piece>> next_of_snapshot();
  result<std::optional<recovered_piece>> next_of_log();
  /// The record at the reading position, in the next segment if this one is read; nothing at the
  /// end of the log.
  result<std::optional<record>> next_record();
  failure changed_meanwhile() const;

  sdk::disk& disk_;
  recovered_facts facts_;
  history_point snapshot_point_;
  bool snapshot_begun_ = false;
  std::unique_ptr<snapshot_reader> snapshot_;
  std::optional<segment_reader> segment_;
  std::size_t segment_index_ = 0;
  position at_;
  zxid last_read_;
};

}  // namespace troupe::storage
