/// Load at the native port without a client library: prepared messages, answers only counted.
#pragma once

#include <cstdint>
#include <string>

namespace troupe::bench {

struct raw_result {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

/// `connections` to 127.0.0.1:`port`, each with `calls` submits unanswered of `batch` operations
/// each: getData, or setData, of a node of its own with 128 bytes.
raw_result raw_load(std::uint16_t port, bool writes, unsigned connections, unsigned calls,
                    unsigned batch, unsigned seconds);

}  // namespace troupe::bench
