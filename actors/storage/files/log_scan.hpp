/// What a start finds in the log: its end, or the damage in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/known_history.hpp"
#include "actors/storage/core/log_format.hpp"
#include "actors/storage/files/start_failure.hpp"

namespace troupe::storage {

/// A segment whose header is sound.
struct segment_facts {
  segment_header header;
  std::uint64_t bytes = 0;
};

struct scanned_log {
  std::vector<segment_facts> segments;  ///< with sound headers, oldest first, up to the end
  std::size_t first = 0;                ///< index of the one where replaying begins
  position end;                         ///< behind the last sound record; {0, 0} of an empty log
  bool sealed = false;                  ///< an end mark stands there
  position certain;                     ///< the newest batch says that all before this is durable
  history_point last;
  zxid committed;                     ///< newest known to be committed
  known_history history;              ///< up to `last`
  std::uint64_t transactions = 0;     ///< after the snapshot
  std::uint64_t bytes = 0;            ///< of these
  std::vector<std::uint64_t> unused;  ///< segments after the end: prepared, or torn at their begin
  std::uint64_t highest = 0;          ///< segment number found on disk
};

/// Reads the log from the segment that goes on after `snapshot` (all zero: none) to its end and
/// checks it record by record. Torn records after the last batch that any later one calls durable
/// are the end of the log; everything else that does not fit is damage. Changes nothing.
result<scanned_log, start_failure> scan_log(sdk::disk& disk, std::uint64_t instance,
                                            history_point snapshot);

/// What is wrong with the log at `where`, after transaction `last`, and what people can do.
start_failure log_damage(const sdk::disk& disk, position where, zxid last, const std::string& what);

}  // namespace troupe::storage
