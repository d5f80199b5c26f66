/// Snapshot records as bytes.
///
/// A snapshot is a sequence of records. Each: length of what follows the length (u32), type (u8),
/// fields in fixed order. Numbers are little-endian; text and bytes are a length (u32) and the
/// bytes. Format 1:
///
///     type  record       fields
///     1     header       format (u32) = 1, zxid (u64), number of nodes (u64; may be
///                        missing, and is only an estimate of the room that is needed)
///     2     secret       key (text)
///     3     session      id (u64), timeout in ms (i64); server (u32) and zxid (u64) of its
///                        last write (0: none; may be missing)
///     4     access list  number (u32), count (u32), then for each entry:
///                        permissions (i32), scheme (text), id (text)
///     5     znode        path (text), kind (u8), owner or TTL (u64), czxid, mzxid, pzxid (u64),
///                        ctime, mtime in ms (i64), version, children ever created, aversion (i32),
///                        number of its access list (u32), null data (u8, 0 or 1), data (bytes)
///     6     end          number of nodes, number of sessions, digest (u64)
///
/// Order: see snapshot_record.hpp. Fields may be appended to a record: a reader ignores what
/// follows the fields that it knows. A type that it does not know is an error. Plain structs and
/// not Cap'n Proto, because a million of these must load in under two seconds and nothing needs
/// random access.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "actors/tree/core/snapshot_record.hpp"

namespace troupe::tree::codec {

/// Appends the record's bytes to `out`.
void append(std::string& out, const snapshot::record& record);

/// Takes the bytes of a snapshot in pieces that may be cut anywhere.
class snapshot_decoder {
public:
  /// Takes a record; returns empty, or what is wrong with it, which ends the decoding.
  using consumer = std::function<std::string(const snapshot::record&)>;

  explicit snapshot_decoder(consumer take) : take_(std::move(take)) {}

  /// Empty, or what is wrong. After a failure every call fails.
  std::string feed(std::string_view bytes);
  /// Whether the bytes so far end between two records.
  [[nodiscard]] bool between_records() const noexcept { return rest_.empty(); }

private:
  /// Takes the whole records at the beginning of `bytes`; returns their length.
  std::size_t take_whole(std::string_view bytes);

  consumer take_;
  std::string rest_;  ///< the beginning of a record
  std::string failure_;
};

}  // namespace troupe::tree::codec
