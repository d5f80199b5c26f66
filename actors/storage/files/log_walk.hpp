/// Reads the transactions of a log that is in use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/known_history.hpp"
#include "actors/storage/core/log_format.hpp"
#include "actors/storage/files/segment_reader.hpp"

namespace troupe::storage {

/// The part of the log that is to be read: segments, oldest first, and where the durable log ended
/// when this was asked for.
struct log_extent {
  std::vector<segment_start> segments;
  position end;
  zxid last;  ///< newest durable transaction
};

/// A place between two records, and the history up to there.
struct log_place {
  position at;
  history_point point;
};

/// Walks from transaction to transaction, over all segments of an extent. Believes nothing: while
/// it walks, segments may be removed, used again or cut. Whatever does not continue the history is
/// an error (EBADMSG), never a wrong transaction. One thread at a time.
class log_walk {
public:
  /// From the beginning of the extent, which has at least one segment.
  log_walk(sdk::disk& disk, std::uint64_t instance, log_extent all);
  /// From a place in the extent's first segments that an earlier walk has reached.
  log_walk(sdk::disk& disk, std::uint64_t instance, log_extent all, const log_place& from);

  /// The next transaction, valid until the next call; nothing at the end of the extent.
  sdk::io_result<std::optional<record>> next();
  /// Behind the last transaction that `next` gave.
  [[nodiscard]] const log_place& place() const noexcept { return place_; }
  [[nodiscard]] bool at_end() const noexcept { return place_.point.zxid >= all_.last; }

private:
  /// Opens the segment of the present index and checks that it is the one that is known.
  sdk::io_status enter();
  /// Goes on in the next segment, if that continues this one.
  sdk::io_status leave();
  [[nodiscard]] sdk::io_error lost(const char* what) const;

  sdk::disk* disk_;
  std::uint64_t instance_;
  log_extent all_;
  log_place place_;
  std::size_t index_ = 0;
  std::optional<segment_reader> segment_;
};

}  // namespace troupe::storage
