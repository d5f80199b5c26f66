/// What the log's writer is asked to do, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/storage/core/history.hpp"
#include "actors/storage/core/log_format.hpp"

namespace troupe::sdk {
class file;
}

namespace troupe::storage {

/// A segment whose place on the disk is taken and durable, but which nothing was written to. The
/// journal only hands the file on; whoever writes knows what it is.
struct prepared_segment {
  std::uint64_t number = 0;
  std::uint64_t capacity = 0;  ///< bytes
  std::shared_ptr<sdk::file> file;
};

/// A segment that is wanted.
struct preparation {
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  std::optional<prepared_segment> grow;  ///< this one, which is too small for a large record
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

/// Bytes that a transaction takes in its segment.
inline std::size_t size_in_log(const encoded_txn& txn) noexcept {
  return record_size(txn.body.size());
}

}  // namespace troupe::storage
