/// Decides what is written when: the state machine between those who append and the disk.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/prng.hpp>
#include <troupe/base/result.hpp>
#include <troupe/base/txn.hpp>

#include "actors/storage/core/batch.hpp"
#include "actors/storage/core/known_history.hpp"

namespace troupe::storage {

struct journal_settings {
  std::uint64_t first_segment_bytes = 1024 * 1024;
  std::uint64_t segment_bytes = 64 * 1024 * 1024;
  std::uint64_t snapshot_log_bytes = 128 * 1024 * 1024;
  std::uint64_t snapshot_transactions = 100'000;
};

/// Where a start left the log.
struct journal_start {
  zxid committed;
  position end;  ///< of the log; {0, 0} if there is none
  std::uint64_t next_segment = 1;
  known_history history;
  std::uint64_t bytes_since_snapshot = 0;
  std::uint64_t transactions_since_snapshot = 0;
  std::uint64_t snapshot_bytes = 0;  ///< of the snapshot, before compression
  std::uint32_t epoch_promised = 0;
};

/// Collects what arrives while a batch is being written, and makes the next batch of it; has the
/// next segment prepared before the present one is full; counts towards the next snapshot. Pure:
/// the owner carries out what the `take_` functions give, whenever something has changed, and says
/// what became of it.
class journal {
public:
  /// A batch ends with the transaction that reaches this.
  static constexpr std::size_t batch_bytes = 4 * 1024 * 1024;

  journal(const journal_settings& settings, journal_start start, std::uint64_t seed);

  /// What was appended. Returns what is wrong with it: a gap, or an epoch that was not promised.
  std::optional<failure> append(std::vector<encoded_txn> txns, zxid committed);
  /// The epochs are durable.
  void promised(std::uint32_t epoch) { epoch_promised_ = epoch; }

  /// The next batch, if none is being written and there is room for one.
  std::optional<batch> take_batch();
  void written(const written_batch& done);

  /// A segment to prepare, if one is needed and none is being prepared.
  std::optional<preparation> take_preparation();
  void prepared(prepared_segment segment);
  /// There is no space for it. Wanted again after `retry`.
  void not_prepared();
  void retry() { no_space_ = false; }

  /// Whether transactions can be logged, each time that changes. When they no longer can, those
  /// that wait are discarded, and so is what still comes of the epoch: nobody may believe that they
  /// will be written.
  std::optional<bool> take_space_change();

  /// True once when the log has grown enough: past one of the thresholds, and to half of the last
  /// snapshot's size. A large tree would be written over and over otherwise, to save a start a log
  /// that is read sooner than the snapshot.
  bool take_snapshot_wanted();
  void snapshot_begins(zxid at);
  /// The chain's value at the zxid of the snapshot that began, once it is durable here.
  [[nodiscard]] std::optional<std::uint64_t> snapshot_hash() const;
  /// `bytes` is its size before compression.
  void snapshot_finished(std::uint64_t bytes);
  /// Wanted again after `retry_snapshot`.
  void snapshot_failed();
  void retry_snapshot() { snapshot_asked_ = false; }

  /// Nothing waits to be written and nothing is being written: now the history may be changed
  /// otherwise than by appending.
  [[nodiscard]] bool rests() const noexcept { return !writing_ && pending_.empty(); }
  /// What is wrong with removing everything after `after`, if anything is.
  [[nodiscard]] std::optional<failure> check_cut(zxid after) const;
  /// Everything after `last` was removed from the disk, and the log ends at `end`.
  void cut(history_point last, position end);
  /// What is wrong with a snapshot of another server at `at` as the new history, if anything is.
  [[nodiscard]] std::optional<failure> check_installation(zxid at) const;
  /// That is the history now: the log ends where it begins, at `end`, and no segment is prepared.
  /// `bytes` is the snapshot's size before compression.
  void restart(history_point base, position end, std::uint64_t bytes);
  /// Segments before this one are not to be read any more.
  void forget_segments_before(std::uint64_t number) { history_.forget_segments_before(number); }

  /// Nothing waits to be written, or it cannot be.
  [[nodiscard]] bool drained() const;

  [[nodiscard]] zxid appended() const noexcept { return appended_; }
  [[nodiscard]] zxid durable() const noexcept { return durable_; }
  [[nodiscard]] zxid committed() const noexcept { return committed_; }
  /// Where the durable log ends. Its segment is 0 if there is none.
  [[nodiscard]] position durable_end() const noexcept { return durable_end_; }
  /// What is known of the durable history.
  [[nodiscard]] const known_history& history() const noexcept { return history_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return pending_.size(); }

private:
  [[nodiscard]] std::uint64_t free_in_segment() const noexcept;
  /// What a batch of only the oldest waiting transaction needs.
  [[nodiscard]] std::uint64_t smallest_batch() const noexcept;
  [[nodiscard]] bool next_fits() const noexcept;
  /// Moves what fits into `room` bytes.
  void fill(batch& next, std::uint64_t room);
  [[nodiscard]] bool blocked() const noexcept;
  void draw_threshold();

  const journal_settings settings_;
  prng random_;

  std::deque<encoded_txn> pending_;
  zxid appended_, durable_, committed_;
  std::uint32_t epoch_promised_;
  std::uint32_t epoch_discarded_ = 0;  ///< transactions up to this epoch are not taken any more
  bool writing_ = false;

  position end_;
  std::uint64_t capacity_ = 0;  ///< of the present segment; 0 if there is none
  position durable_end_;
  std::optional<prepared_segment> next_;
  std::uint64_t next_number_;  ///< of `next_`, or of the one to be prepared
  std::uint64_t next_bytes_;
  bool preparing_ = false, no_space_ = false, was_blocked_ = false;
  std::uint64_t starved_bytes_ = 0;  ///< what had no room when space ran out; 0 if there is space

  known_history history_;
  std::uint64_t bytes_since_snapshot_, transactions_since_snapshot_;
  std::uint64_t bytes_threshold_ = 0, transactions_threshold_ = 0;
  std::uint64_t snapshot_bytes_;
  bool snapshot_asked_ = false;
  std::optional<history_point> snapshot_;  ///< hash 0 until it is known
  bool snapshot_hash_known_ = false;
};

}  // namespace troupe::storage
