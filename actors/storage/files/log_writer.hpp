/// Writes batches: one write, one sync.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <troupe/base/txn.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/batch.hpp"

namespace troupe::storage {

/// The one that owns the log's end, for life. One thread at a time.
class log_writer {
public:
  /// Goes on after what a start has found. Nothing is ever added to an old segment: the first
  /// batch begins a new one.
  log_writer(sdk::disk& disk, std::uint64_t instance, position end, history_point last);

  /// Writes and syncs. After a failure nothing may be written any more: what became of the bytes
  /// cannot be known.
  sdk::io_result<written_batch> commit(const batch& all);

  /// The log was changed otherwise: it ends here, and the next batch begins a segment.
  void go_on_after(position end, history_point last);

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
  std::uint64_t capacity_ = 0;  ///< of the open segment
  std::string buffer_;
};

}  // namespace troupe::storage
