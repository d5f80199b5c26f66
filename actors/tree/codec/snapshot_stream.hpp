/// A snapshot as chunks of bytes, made when they are asked for.
#pragma once

#include <cstddef>
#include <string>

#include <troupe/base/blob.hpp>

#include "actors/tree/core/snapshot_source.hpp"

namespace troupe::tree::codec {

inline constexpr std::size_t snapshot_chunk_bytes = 256 * 1024;

/// Encodes the records of a snapshot_source. Other work may change the state between two chunks.
class snapshot_stream {
public:
  explicit snapshot_stream(state& of) : source_(of) {}

  [[nodiscard]] const snapshot_source& source() const noexcept { return source_; }
  /// The next bytes, at most `snapshot_chunk_bytes`; null after the last.
  blob next_chunk();

private:
  snapshot_source source_;
  std::string encoded_;
  std::size_t given_ = 0;
};

}  // namespace troupe::tree::codec
