/// A server's storage without actors: the cores over a simulated disk, jobs run when the test says
/// so.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/prng.hpp>
#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/core/journal.hpp"
#include "actors/storage/files/housekeeper.hpp"
#include "actors/storage/files/log_reader.hpp"
#include "actors/storage/files/recovery.hpp"
#include "actors/storage/files/snapshot_writer.hpp"

namespace troupe::storage::test {

/// The transaction of `at`: its body follows from its zxid.
encoded_txn transaction(zxid at);
/// What a tree would write as its snapshot at `at`, in chunks.
std::vector<std::string> chunks_at(zxid at);

/// Full paths, below the root, of what is in a directory.
std::vector<std::string> paths_in(testing::sim_disk& disk, const std::string& directory);

/// Small enough that a short script goes through many segments.
journal_settings small_segments();

/// One process of a server. Does with jobs what the actor does, on the same two lanes.
class stored_server {
public:
  explicit stored_server(testing::sim_disk& disk, journal_settings settings = small_segments(),
                         std::size_t snapshots_kept = 2, std::uint32_t server = 1);

  /// Opens the directory and reads all of the state. False if that failed; see `error`.
  bool open();
  /// Writes the epochs, at once. False if that failed.
  bool promise(std::uint32_t epoch);
  void append(std::vector<encoded_txn> txns, zxid committed);
  /// Cuts the history off behind `after`, once all that was appended is written; jobs run until
  /// then. False if that failed.
  bool cut(zxid after, prng& random);
  /// Replaces the history by a snapshot of another server, in the same way. Its content is that of
  /// `chunks_at`.
  bool install(history_point at, prng& random);
  /// The durable log after `after`, to be read.
  [[nodiscard]] log_extent extent_after(zxid after) const;
  /// Begins a snapshot of `at`; its steps become jobs.
  void begin_snapshot(zxid at);
  /// Runs one job of a lane that has one, chosen by `random`. False if there is none.
  bool step(prng& random);
  /// Runs jobs until there are none.
  void run();
  /// Everything is written, then the log is closed. False if that failed.
  bool stop();
  /// Looks for space again.
  void retry();

  std::string error;  ///< the first that would have ended the server

  // What was recovered.
  recovered_facts facts;
  std::optional<snapshot_header> snapshot;
  std::string snapshot_content;
  std::vector<encoded_txn> recovered;  ///< after the snapshot
  std::size_t recovered_committed = 0;

  // What was told since.
  zxid persisted;
  bool space = true;
  int space_changes = 0;
  int snapshots_finished = 0, snapshots_failed = 0, snapshots_wanted = 0;
  int recycled = 0;  ///< segments that were used again

  [[nodiscard]] journal& decisions() { return *journal_; }

private:
  /// Runs jobs until nothing is being written and no file is being made. False after an error.
  bool come_to_rest(prng& random);
  void drive();
  void commit(batch next);
  void prepare(const preparation& wanted);
  void snapshot_step(std::size_t index);
  void end_snapshot();
  /// Gives the snapshot up if there is no space; fails otherwise.
  void snapshot_error(const sdk::io_error& bad);
  void fail(const std::string& message);
  bool take(recovered_piece& piece);

  testing::sim_disk& disk_;
  const journal_settings settings_;
  const std::size_t kept_;
  const server_id server_;
  std::unique_ptr<recovery> recovery_;
  std::optional<journal> journal_;
  std::optional<log_writer> writer_;
  std::optional<housekeeper> keeper_;
  std::unique_ptr<snapshot_writer> snapshot_;
  std::vector<std::string> chunks_;
  bool snapshot_waits_ = false;
  std::deque<std::function<void()>> log_jobs_, file_jobs_;
};

}  // namespace troupe::storage::test
