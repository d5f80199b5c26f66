/// Reads one segment, in pieces, believing nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/log_format.hpp"

namespace troupe::storage {

/// A window on a segment's file that moves along with the reads. Holds 256 KiB, or one record if
/// that is larger. One thread at a time.
class segment_reader {
public:
  static sdk::io_result<segment_reader> open(sdk::disk& disk, std::uint64_t instance,
                                             std::uint64_t number);

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The segment's header, if it is sound and has this segment's number.
  sdk::io_result<decoded_header> header();
  /// The record at `offset`, if there is a sound one. Valid until the next call.
  sdk::io_result<std::optional<record>> record_at(std::uint64_t offset);
  /// The largest `synced_through` of all sound batch marks at or after `offset`, wherever they
  /// begin: whether what was found broken had been durable.
  sdk::io_result<std::optional<position>> synced_through_after(std::uint64_t offset);

private:
  segment_reader(std::unique_ptr<sdk::file> file, std::uint64_t instance, std::uint64_t number,
                 std::uint64_t size);
  /// The bytes from `offset`: `size` of them, or fewer at the end of the file.
  sdk::io_result<std::string_view> bytes(std::uint64_t offset, std::size_t size);

  std::unique_ptr<sdk::file> file_;
  record_codec codec_;
  std::uint64_t number_;
  std::uint64_t size_;
  std::string window_;
  std::uint64_t window_begin_ = 0;
};

}  // namespace troupe::storage
