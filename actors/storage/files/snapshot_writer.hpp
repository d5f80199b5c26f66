/// Writes one snapshot file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/snapshot_format.hpp"

namespace troupe::storage {

/// Under which names a snapshot is written.
struct snapshot_names {
  std::string unfinished, finished;
};
/// Of a snapshot of this server.
snapshot_names own_snapshot(zxid at);
/// Of a snapshot of another server, which replaces the history once it has its name.
snapshot_names received_snapshot(zxid at);

/// Writes under a temporary name until `finish`. After an error only `abandon` may be called. One
/// thread at a time.
class snapshot_writer {
public:
  /// The history's hash is only needed at the end: the log may still be writing the transaction.
  snapshot_writer(sdk::disk& disk, std::uint64_t instance, zxid at, std::uint64_t tree_digest);
  snapshot_writer(sdk::disk& disk, std::uint64_t instance, zxid at, std::uint64_t tree_digest,
                  snapshot_names names);
  ~snapshot_writer();

  sdk::io_status begin();
  /// Adds a chunk of at most `largest_chunk` bytes. Chunks are never divided; small ones share a
  /// block.
  sdk::io_status add(std::string_view chunk);
  /// Makes the snapshot durable under its name: `complete` and `publish`.
  sdk::io_status finish(std::uint64_t history_hash);
  /// Makes the content durable. Nothing more to do if that was done.
  sdk::io_status complete(std::uint64_t history_hash);
  /// Gives the complete snapshot its name, durably. May be tried again after an error.
  sdk::io_status publish();
  /// Removes what was written.
  sdk::io_status abandon();

  [[nodiscard]] zxid at() const noexcept { return header_.zxid; }
  /// Bytes in the file so far.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return offset_; }
  /// Bytes of all chunks so far.
  [[nodiscard]] std::uint64_t plain_bytes() const noexcept { return plain_bytes_; }

private:
  struct compressor;

  sdk::io_status write_block();
  sdk::io_status write(std::string_view bytes);

  sdk::disk& disk_;
  snapshot_header header_;
  const snapshot_names names_;
  block_codec codec_;
  std::unique_ptr<compressor> compressor_;
  std::unique_ptr<sdk::file> file_;
  std::string plain_, packed_;
  std::uint64_t offset_ = 0, plain_bytes_ = 0;
  std::uint32_t blocks_ = 0;
  bool complete_ = false, named_ = false;
};

}  // namespace troupe::storage
