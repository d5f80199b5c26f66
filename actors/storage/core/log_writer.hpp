/// Writes batches: one write, one sync.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/result.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/history.hpp"
#include "actors/storage/core/log_format.hpp"

namespace troupe::storage {

/// A segment whose place on the disk is taken and durable, but which nothing was written to.
struct prepared_segment {
  std::uint64_t number = 0;
  std::uint64_t capacity = 0;  ///< bytes
  std::shared_ptr<sdk::file> file;
};

/// What is made durable at once.
struct batch {
  std::vector<encoded_txn> txns;
  zxid committed;                        ///< newest zxid known to be committed
  std::optional<prepared_segment> next;  ///< if set, the batch begins this segment
};

/// What became of a batch.
struct written_batch {
  position end;                       ///< of the log; all before is durable
  std::vector<history_point> points;  ///< one for each transaction
};

/// The one that owns the log's end, for life. One thread at a time.
class log_writer {
public:
  /// Goes on after what a start has found. Nothing is ever added to an old segment: the first
  /// batch begins a new one.
  log_writer(sdk::disk& disk, std::uint64_t instance, position end, history_point last);

  /// Writes and syncs. After a failure nothing may be written any more: what became of the bytes
  /// cannot be known.
  sdk::io_result<written_batch> commit(const batch& all);

  /// Ends the log cleanly: notes `committed`, cuts the segment behind its end and leaves the mark
  /// of a clean shutdown, after which the next start knows exactly where the log must end.
  sdk::io_status close(zxid committed);

private:
  void begin_segment(const prepared_segment& next);
  /// Writes what is in the buffer behind the end, and syncs.
  sdk::io_status write_out();

  sdk::disk& disk_;
  const std::uint64_t instance_;
  position end_;
  history_point last_;
  std::shared_ptr<sdk::file> file_;
  std::string buffer_;
};

/// What a batch takes in its segment: a mark and its transactions.
std::size_t size_in_log(const encoded_txn& txn) noexcept;

}  // namespace troupe::storage
