/// What clients see of a znode beside its data.
#pragma once

#include <cstdint>

#include <troupe/base/ids.hpp>

namespace troupe {

/// The Stat structure (protocol section 5). Times are milliseconds since the Unix epoch, taken when
/// the leader prepared the transaction.
struct stat {
  zxid czxid;  ///< the transaction that created the node
  zxid mzxid;  ///< the last change of its data, or its creation
  std::int64_t ctime_ms = 0;
  std::int64_t mtime_ms = 0;
  std::int32_t version = 0;    ///< changes of data
  std::int32_t cversion = 0;   ///< creations plus deletions of children
  std::int32_t aversion = 0;   ///< changes of the ACL
  session_id ephemeral_owner;  ///< zero unless ephemeral
  std::int32_t data_length = 0;
  std::int32_t num_children = 0;
  zxid pzxid;  ///< the last change of the list of children

  bool operator==(const stat&) const noexcept = default;
};

}  // namespace troupe
