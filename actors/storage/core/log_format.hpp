/// The bytes of the log (docs/formats.md): segments of records, grouped in batches.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace troupe::storage {

inline constexpr std::uint32_t log_version = 1;

/// A place in the log. Segments count from 1; {0, 0} is before everything.
struct position {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const position&) const = default;
};

/// The first bytes of a segment, written together with its first batch.
struct segment_header {
  std::uint64_t number = 0;        ///< never used again, also when the file is
  std::uint64_t instance = 0;      ///< of the data directory; seeds the checksums of records
  position previous_end;           ///< where the segment before ends
  zxid previous;                   ///< the last transaction before this segment
  std::uint64_t history_hash = 0;  ///< of everything up to `previous`
};
inline constexpr std::size_t segment_header_size = 64;

enum class record_kind : std::uint32_t {
  mark = 1,  ///< begins a batch
  transaction = 2,
  end = 3,  ///< the segment ends here, whatever follows
};

struct record {
  record_kind kind = record_kind::mark;
  troupe::zxid zxid;      ///< of a mark: the newest transaction known to be committed
  std::string_view body;  ///< into the bytes it was decoded from
  std::size_t size = 0;   ///< in the file, with header and padding
};
inline constexpr std::size_t record_header_size = 32;
/// Records begin at multiples of this.
inline constexpr std::size_t record_alignment = 8;

/// What a record with a body of `body_size` bytes takes in the file.
constexpr std::size_t record_size(std::size_t body_size) noexcept {
  return record_header_size +
         (body_size + record_alignment - 1) / record_alignment * record_alignment;
}
inline constexpr std::size_t mark_size = record_size(16);
inline constexpr std::size_t end_size = record_size(0);

std::string encode(const segment_header& header);

enum class header_problem {
  absent,  ///< no header, or a damaged one
  newer,   ///< a sound header of a format that this program does not know
};
/// The header at the beginning of `bytes`, or why there is none.
struct decoded_header {
  std::optional<segment_header> header;
  header_problem problem = header_problem::absent;
};
decoded_header decode_header(std::string_view bytes);

/// Which records belong to a segment: those with its number and a checksum seeded by the instance.
class record_codec {
public:
  record_codec(std::uint64_t instance, std::uint64_t segment) noexcept;

  /// Adds a batch's mark to `out`. What is before `synced_through` was durable when this was
  /// written.
  void add_mark(std::string& out, position synced_through, zxid committed) const;
  void add_transaction(std::string& out, zxid at, std::string_view body) const;
  void add_end(std::string& out, zxid last) const;

  /// How long the record at the beginning of `bytes` says it is, header included; nothing if this
  /// is no header of a record of this segment. At least `record_header_size` bytes are needed.
  [[nodiscard]] std::optional<std::size_t> announced_size(std::string_view bytes) const;
  /// The record at the beginning of `bytes`, if it is complete and sound.
  [[nodiscard]] std::optional<record> decode(std::string_view bytes) const;

private:
  void add(std::string& out, record_kind kind, zxid at, std::string_view body) const;

  std::uint64_t segment_;
  std::uint32_t seed_;
};

/// The position in a mark.
position synced_through_of(const record& mark);

}  // namespace troupe::storage
