/// Answers questions about the log while it is being written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <troupe/base/txn.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/files/log_walk.hpp"

namespace troupe::storage {

/// Transactions directly after a point.
struct log_range {
  std::vector<encoded_txn> txns;
  history_point after;
  bool more = false;  ///< others follow in the extent
};

/// Reads ranges, and remembers where the last ones ended, so that one who reads on does not begin
/// at the head of a segment again. Nothing of the log may be cut off in the life of a reader. One
/// thread at a time.
class log_reader {
public:
  log_reader(sdk::disk& disk, std::uint64_t instance) : disk_(disk), instance_(instance) {}

  /// The transactions after `after`, until they are `most_bytes`: at least one, if there is one.
  /// Nothing if `after` is not in the extent.
  sdk::io_result<std::optional<log_range>> read(const log_extent& all, zxid after,
                                                std::size_t most_bytes);
  /// The place right behind transaction `at`, if it is in the extent or just before it.
  sdk::io_result<std::optional<log_place>> locate(const log_extent& all, zxid at);

private:
  /// So many readers can read on at a time.
  static constexpr std::size_t most_remembered = 16;

  /// A walk right behind `at`.
  sdk::io_result<std::optional<log_walk>> behind(const log_extent& all, zxid at);
  /// The newest place remembered that is at or before `at` and in the extent.
  [[nodiscard]] std::optional<log_place> remembered(const log_extent& all, zxid at) const;
  void remember(zxid begin, const log_place& end);

  sdk::disk& disk_;
  const std::uint64_t instance_;
  std::vector<log_place> places_;  ///< oldest first
};

}  // namespace troupe::storage
