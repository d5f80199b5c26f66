/// The write-ahead log as a component.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/ports.hpp>

#include "actors/storage/core/journal.hpp"
#include "actors/storage/core/sync_pace.hpp"
#include "actors/storage/files/housekeeper.hpp"
#include "actors/storage/files/log_reader.hpp"
#include "actors/storage/files/log_writer.hpp"
#include "actors/storage/files/recovery.hpp"
#include "actors/storage/files/snapshot_reader.hpp"
#include "actors/storage/files/snapshot_writer.hpp"
#include "actors/storage/wal_metrics.hpp"

namespace troupe::storage {

struct wal_settings {
  journal_settings journal;
  std::size_t snapshots_kept = 3;
  nanoseconds slow_sync = std::chrono::seconds{1};
  nanoseconds space_retry = std::chrono::seconds{1};
  nanoseconds reactor_sync = std::chrono::milliseconds{2};
  on_damage damage = on_damage::stop;
};

/// What a worker's job has brought, to be used on the actor's own thread and turn.
struct job_done {
  std::function<void()> use;
};

/// Carries out what the journal decides. Everything that touches the disk is a job of one of three
/// lanes: one owns the log for life, the second makes segments and snapshots, the third reads.
/// While the log rests, the second may change it otherwise than by appending.
class wal_actor final : public sdk::pinned_actor {
public:
  wal_actor(caf::actor_config& config, sdk::reactor_unit& home, std::uint32_t number,
            role::component::supervisor supervisor, sdk::ports& ports, wal_settings settings,
            server_id server, std::shared_ptr<sdk::metrics> metrics);

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  struct timed_batch {
    sdk::io_result<written_batch> outcome;
    nanoseconds took;
  };
  using opened = result<std::unique_ptr<recovery>>;
  /// There was no space, or there was and the directory is open, or cannot be opened.
  using opening = std::variant<sdk::io_error, opened>;
  using piece = result<std::optional<recovered_piece>>;

  /// Runs `job` on a lane; `use` gets its result in a turn of this actor, unless it has ended.
  template <class R>
  void run(std::uint32_t lane, std::function<R()> job, std::function<void(R&)> use);

  // wal_recovery.cpp
  void open();
  /// Opens the directory when there is space for the first segment.
  void open_when_possible(std::uint64_t instance);
  void use_opened(opened& found);
  void read_piece();
  void use_piece(piece& found);
  void give_piece();

  // wal_actor.cpp
  /// Does everything that can be done now. After every change. `may_wait`: this thread may wait for
  /// a quick disk, if what was appended last allows it.
  void drive(bool may_wait = false);
  void append(role::storage::append& message);
  void drive_when_quiet();
  void write(batch next, bool may_wait);
  [[nodiscard]] bool worth_waiting_for(const batch& next) const noexcept;
  void use_written(timed_batch& written, bool may_wait);
  void prepare(const preparation& wanted);
  void use_prepared(sdk::io_result<prepared_segment>& made);
  void write_epochs(const role::storage::epochs& wanted);
  void announce_space(bool available);
  void retry_after(nanoseconds delay, sdk::timer& timer, std::function<void()> what);
  void refresh_usage();
  void stop();
  void close();
  void finish_if_idle();
  void report(std::uint64_t token);
  void publish();
  /// The disk failed: nothing is acknowledged from here on.
  void give_up(const std::string& what, const std::string& message);

  // wal_changes.cpp
  /// Has `begin` called once everything appended before is durable and nothing is being written. It
  /// calls `make_change`; until that is done nothing is written, nor read.
  void change_history(std::function<void()> begin);
  [[nodiscard]] bool begin_change_if_due();
  /// The log is not what the journal says.
  [[nodiscard]] bool changing() const noexcept {
    return change_ == change::under_way || change_ == change::put_off;
  }
  void end_change();
  /// Runs `job`, which changes the log and gives its new end; then `use`. The change begins anew
  /// later if there is no space for it.
  void make_change(std::function<sdk::io_result<log_place>()> job,
                   std::function<void(const log_place&)> use);
  void use_failed_change(const sdk::io_error& bad);
  void leave_change();

  // wal_truncation.cpp
  void truncate(zxid after);
  void begin_cut(zxid after);
  void use_cut(const log_place& place);

  // wal_installation.cpp
  void begin_installation(const role::storage::install_begin& message);
  void add_to_installation(role::storage::install_chunk& message);
  void end_installation();
  void abandon_installation();
  void use_installation_step(const std::shared_ptr<snapshot_writer>& of,
                             const sdk::io_status& status);
  /// The history rests: completes what was received, and puts it into the history's place.
  void complete_installation();
  void replace_history();
  void use_installed(const log_place& place);

  // wal_snapshot_readers.cpp
  /// A snapshot that somebody reads.
  struct reading {
    std::unique_ptr<snapshot_reader> file;  ///< null until it is open
    bool busy = true;                       ///< a job has it
    bool released = false;                  ///< nobody waits for an answer any more
    bool gone = false;                      ///< the history was replaced, and its file removed
  };
  void read_snapshot(std::uint64_t token, zxid at_least);
  void use_opened(std::uint64_t token, const std::shared_ptr<reading>& one, zxid at_least);
  void next_snapshot_chunk(std::uint64_t token);
  void use_chunk(std::uint64_t token, const std::shared_ptr<reading>& one,
                 result<std::optional<blob>>& read);
  void release_snapshot(std::uint64_t token);
  void let_go(reading& one, bool sound);
  /// All snapshots are about to be removed.
  void void_readings();
  void give_none(std::uint64_t token, bool busy = false);

  // wal_ranges.cpp
  /// What is durable of the log after `after`.
  [[nodiscard]] log_extent extent_after(zxid after) const;
  void read_range(const role::storage::read_range& asked);
  void give_range(const role::storage::read_range& asked, std::optional<log_range> found);
  void locate(const role::storage::locate& asked);
  void describe(std::uint64_t token);
  void give_descriptions();

  // wal_snapshots.cpp
  void begin_snapshot(const role::storage::snapshot_begin& message);
  void add_to_snapshot(role::storage::snapshot_chunk& message);
  void end_snapshot();
  void finish_snapshot_if_durable();
  /// After a step of the snapshot: tells the tree, or gives this snapshot up.
  void use_snapshot_step(const sdk::io_status& status);
  void use_snapshot_finished(const sdk::io_status& status);
  void give_snapshot_up(const std::string& reason);

  sdk::ports& ports_;
  const wal_settings settings_;
  const server_id server_;
  const std::uint32_t log_lane_, file_lane_, read_lane_;

  std::unique_ptr<sdk::directory_lock> lock_;  ///< as long as this server uses the directory
  role::storage::log_client log_client_;
  role::storage::snapshot_client snapshot_client_;
  role::storage::history_client history_client_;

  // Used by jobs of the log's lane: recovery_, writer_; of the files' lane: keeper_, snapshot_; of
  // the readers' lane: reader_.
  std::shared_ptr<recovery> recovery_;
  std::shared_ptr<log_writer> writer_;
  std::shared_ptr<housekeeper> keeper_;
  std::shared_ptr<snapshot_writer> snapshot_;
  std::shared_ptr<log_reader> reader_;

  std::optional<journal> journal_;  ///< once the directory is opened
  epoch_facts epochs_;
  std::uint64_t instance_ = 0;
  std::optional<piece> ready_piece_;
  bool piece_asked_ = false, recovered_all_ = false;
  bool snapshot_ending_ = false;
  std::shared_ptr<snapshot_writer> incoming_;  ///< of another server; jobs of the files' lane
  history_point incoming_base_;
  zxid replaced_up_to_;  ///< by the newest snapshot of another server that took the place of all
  std::map<std::uint64_t, std::shared_ptr<reading>> readings_;  ///< by token

  enum class change { none, waiting, under_way, put_off };
  change change_ = change::none;
  std::function<void()> begin_change_;
  std::uint64_t history_number_ = 0;  ///< counts the changes; what was read of another is void
  struct description {
    std::uint64_t token = 0;
    zxid wanted;                ///< must be durable, or discarded
    bool after_change = false;  ///< asked for after the change
  };
  std::deque<description> descriptions_;
  std::string lack_;  ///< why there is no next segment; empty if there is one, or will be
  bool stopping_ = false, closing_ = false, closed_ = false;
  std::size_t jobs_ = 0;
  sdk::timer segment_timer_, snapshot_timer_, change_timer_;

  disk_usage usage_;
  sync_pace pace_;
  std::uint64_t syncs_ = 0, reactor_syncs_ = 0;
  bool disk_bound_ = false;    ///< as the newest `append` says
  bool alone_ = false;         ///< and this
  unsigned lone_batches_ = 0;  ///< in a row: at most one transaction each
  sdk::timer quiet_timer_;  ///< while what was appended waits for this thread to have nothing to do
  nanoseconds slowest_sync_{0};
  bool free_space_asked_ = false;
  monotonic_time snapshot_began_;
  const std::shared_ptr<sdk::metrics> all_metrics_;
  const wal_metrics metrics_;
};

}  // namespace troupe::storage

TROUPE_MESSAGE(troupe::storage::job_done)
