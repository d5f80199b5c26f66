/// Reads snapshot files: whether one is sound, and its content.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <troupe/base/blob.hpp>
#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/snapshot_format.hpp"

namespace troupe::storage {

/// Reads one snapshot, block by block. Every failure names the file and what is wrong with it. One
/// thread at a time.
class snapshot_reader {
public:
  /// Opens the snapshot of `at` and checks its header.
  static result<std::unique_ptr<snapshot_reader>> open(sdk::disk& disk, std::uint64_t instance,
                                                       zxid at);
  /// The same in another file: one that was received and is not in its place yet.
  static result<std::unique_ptr<snapshot_reader>> open(sdk::disk& disk, std::uint64_t instance,
                                                       zxid at, const std::string& name);
  ~snapshot_reader();

  [[nodiscard]] const snapshot_header& header() const noexcept { return header_; }
  /// The chunks of the next block; nothing after the last, once the trailer is checked.
  result<std::optional<blob>> next();
  /// Checks all blocks and the trailer without decompressing. Nothing if the file is sound.
  std::optional<failure> verify();
  /// Bytes that all blocks read so far have after decompression.
  [[nodiscard]] std::uint64_t plain_bytes() const noexcept { return plain_bytes_; }

private:
  struct decompressor;
  snapshot_reader(std::unique_ptr<sdk::file> file, std::string path, const snapshot_header& header,
                  std::uint64_t size);
  /// The next block, sound, header included; nothing at the end.
  result<std::optional<std::string_view>> next_block();
  failure broken(const std::string& what) const;

  std::unique_ptr<sdk::file> file_;
  const std::string path_;
  const snapshot_header header_;
  const std::uint64_t size_;
  const block_codec codec_;
  std::unique_ptr<decompressor> decompressor_;
  std::string block_;
  std::uint64_t offset_ = snapshot_header_size, plain_bytes_ = 0;
  std::uint32_t blocks_ = 0;
};

}  // namespace troupe::storage
