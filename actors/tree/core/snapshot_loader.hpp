/// Rebuilds a state from the records of a snapshot.
#pragma once

#include <cstdint>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "actors/tree/core/snapshot_record.hpp"
#include "actors/tree/core/state.hpp"

namespace troupe::tree {

/// Replaces a state by what a snapshot says, record by record, and at the end compares counts and
/// digest. Records come from outside and may say anything; what does not fit is named. After a
/// failure the state must not be used.
class snapshot_loader {
public:
  /// Empties `into`. The snapshot must be the one of `at` and come to `digest`.
  snapshot_loader(state& into, zxid at, std::uint64_t digest);

  /// Empty, or what is wrong.
  std::string add(const snapshot::record& record);
  [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
  std::string add_one(const snapshot::header& r);
  std::string add_one(const snapshot::secret& r);
  std::string add_one(const snapshot::session& r);
  std::string add_one(const snapshot::access_list& r);
  std::string add_one(const snapshot::znode& r);
  std::string add_one(const snapshot::end& r);
  std::string add_one(const snapshot::request& r);

  /// The node for a record, linked but without its fields; null if it has no place.
  node* place_for(const snapshot::znode& r);
  void rebuild_quotas();

  state& state_;
  const zxid at_;
  const std::uint64_t digest_;
  absl::flat_hash_map<std::uint32_t, acl> lists_;
  std::string last_parent_path_;
  node* last_parent_ = nullptr;
  bool has_header_ = false;
  bool has_root_ = false;
  bool complete_ = false;
};

}  // namespace troupe::tree
