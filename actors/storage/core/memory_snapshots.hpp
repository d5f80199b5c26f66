/// A snapshot that is kept while it is read, and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/base/blob.hpp>

#include "actors/storage/core/history.hpp"

namespace troupe::storage {

/// A snapshot in memory.
struct memory_snapshot {
  history_point at;
  std::uint64_t tree_digest = 0;
  std::vector<blob> chunks;
};

/// Who reads which snapshot, and who waits for one. Made for readers, and forgotten with the last
/// of them. Pure.
class memory_snapshots {
public:
  static constexpr std::size_t most_readers = 4;

  /// Takes a reader. False if there are too many, or it is one already.
  [[nodiscard]] bool add(std::uint64_t token);
  /// The reader, if it is one.
  [[nodiscard]] bool contains(std::uint64_t token) const { return readers_.contains(token); }
  void release(std::uint64_t token);
  void clear();

  /// Whether a snapshot has to be made now, for those who wait; true once until it is finished.
  [[nodiscard]] bool take_wanted();
  void begin(history_point at, std::uint64_t tree_digest);
  void add_chunk(blob chunk);
  /// Whether one has begun and is not finished.
  [[nodiscard]] bool grows() const noexcept { return growing_ != nullptr; }
  /// Readers that wait get it: their tokens.
  [[nodiscard]] std::vector<std::uint64_t> finish();

  /// What the reader reads; null while it waits.
  [[nodiscard]] std::shared_ptr<const memory_snapshot> of(std::uint64_t token) const;
  /// The reader's next chunk; nothing at the end.
  [[nodiscard]] std::optional<blob> next(std::uint64_t token);

private:
  struct reader {
    std::shared_ptr<const memory_snapshot> snapshot;
    std::size_t next = 0;
  };
  std::map<std::uint64_t, reader> readers_;
  std::shared_ptr<memory_snapshot> growing_;
  bool asked_ = false;
};

}  // namespace troupe::storage
