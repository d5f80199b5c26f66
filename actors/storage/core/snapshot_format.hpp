/// The bytes of a snapshot file (docs/formats.md): header, compressed blocks, trailer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace troupe::storage {

inline constexpr std::uint32_t snapshot_version = 1;

struct snapshot_header {
  std::uint64_t instance = 0;
  troupe::zxid zxid;
  std::uint64_t tree_digest = 0;
  std::uint64_t history_hash = 0;
};
inline constexpr std::size_t snapshot_header_size = 64;

/// Before each block. The trailer is a block header without bytes whose number is the number of
/// blocks before it.
struct block_header {
  std::uint32_t packed_size = 0;  ///< in the file
  std::uint32_t plain_size = 0;   ///< after decompression
  std::uint32_t number = 0;
};
inline constexpr std::size_t block_header_size = 16;
/// No block is larger, before or after compression, than twice this.
inline constexpr std::size_t largest_chunk = 64 * 1024 * 1024;

std::string encode(const snapshot_header& header);
/// The header, or what is wrong with it.
struct decoded_snapshot_header {
  std::optional<snapshot_header> header;
  const char* problem = "";
};
decoded_snapshot_header decode_snapshot_header(std::string_view bytes);

/// Checks blocks, and that they belong to this very snapshot.
class block_codec {
public:
  explicit block_codec(const snapshot_header& of) noexcept;

  /// Header and bytes of a block; the trailer if `packed` is empty.
  void add(std::string& out, std::uint32_t number, std::string_view packed,
           std::size_t plain_size) const;
  [[nodiscard]] static block_header announced(std::string_view header) noexcept;
  /// Whether a whole block, header included, is sound.
  [[nodiscard]] bool is_sound(std::string_view block) const noexcept;

private:
  std::uint32_t seed_;
};

}  // namespace troupe::storage
