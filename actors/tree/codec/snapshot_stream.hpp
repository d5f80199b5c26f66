/// A snapshot as chunks of bytes, made when they are asked for.
#pragma once

#include <cstddef>
#include <string>

#include <troupe/base/blob.hpp>

#include "actors/tree/core/snapshot_source.hpp"

namespace troupe::tree::codec {

inline constexpr std::size_t snapshot_chunk_bytes = 256 * 1024;
/// A chunk ends after so many nodes at the latest, be there bytes or not: those that changed since
/// the snapshot began were given before the cursor comes to them. Both bounds together keep a chunk
/// below two milliseconds.
inline constexpr std::size_t snapshot_chunk_nodes = 4096;

/// Encodes the records of a snapshot_source. Other work may change the state between two chunks.
class snapshot_stream {
public:
  explicit snapshot_stream(state& of);
  snapshot_stream(const snapshot_stream&) = delete;
  snapshot_stream& operator=(const snapshot_stream&) = delete;

  [[nodiscard]] const snapshot_source& source() const noexcept { return source_; }
  /// The next bytes, at most `snapshot_chunk_bytes`; null after the last. It may be empty: then
  /// there is nothing yet, and the next call goes on.
  blob next_chunk();

private:
  std::string encoded_;  ///< before the source, which writes into it
  std::size_t given_ = 0;
  snapshot_source source_;
};

}  // namespace troupe::tree::codec
