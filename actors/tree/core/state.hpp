/// The replicated state: what every server agrees on after the same transactions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_set.h>

#include <troupe/base/stat.hpp>
#include <troupe/base/txn.hpp>

#include "actors/tree/core/acl_table.hpp"
#include "actors/tree/core/node_store.hpp"
#include "actors/tree/core/quota.hpp"
#include "actors/tree/core/session_table.hpp"

namespace troupe::tree {

/// Sees nodes just before they change. Snapshots and lists of children use it.
class change_observer {
public:
  virtual ~change_observer() = default;
  /// The node is about to change or, if `vanishes`, to be erased.
  virtual void about_to_change(node& which, bool vanishes) = 0;
};

/// Nodes, sessions and the key of passwords, with everything derived from them: digest, quota
/// usage, counters, indexes. Changes come one by one from decided transactions and cannot be
/// refused for reasons of content; a change that does not fit the state returns what is wrong,
/// which means that the transaction was not made for this state.
class state {
public:
  /// A new tree: the root and the built-in nodes (protocol section 5.5).
  state();

  using fault = const char*;  ///< null if all is well
  /// Those that leave a node give it in `which`, so that nobody needs to look for it again.
  fault apply(const change::create_node& c, zxid at, wall_time now, const node*& which);
  /// `list` becomes the node's, if not everybody may read under it.
  fault apply(const change::delete_node& c, zxid at, acl_pointer& list);
  fault apply(const change::set_data& c, zxid at, wall_time now, const node*& which);
  fault apply(const change::set_acl& c, const node*& which);
  fault apply(const change::create_session& c);
  fault apply(const change::close_session& c);
  fault apply(const change::set_secret& c);
  /// The session's client made a transaction through `server`.
  void note_write(session_id session, server_id server, zxid at) {
    sessions_.wrote(session, server, at);
  }
  /// The session remembers the answer to this request. Nothing happens if it is gone.
  void remember(session_id session, remembered_request request);
  /// The transaction is complete.
  void set_applied(zxid at) noexcept { applied_ = at; }

  [[nodiscard]] zxid applied() const noexcept { return applied_; }
  [[nodiscard]] const node* find(std::string_view path) const { return nodes_.find(path); }
  [[nodiscard]] const acl_table::entry& acl_of(const node& which) const { return acls_[which.acl]; }
  /// The list as a value that may outlive its users.
  [[nodiscard]] acl_pointer shared(const acl& list) const { return acls_.shared(list); }
  /// What clients read as the node's data: usage for quota stats nodes, else what was written.
  [[nodiscard]] blob data_of(const node& which) const;
  [[nodiscard]] stat stat_of(const node& which) const;
  [[nodiscard]] const session_table& sessions() const noexcept { return sessions_; }
  [[nodiscard]] const std::string& secret() const noexcept { return secret_; }
  [[nodiscard]] const quota_table& quotas() const noexcept { return quotas_; }
  [[nodiscard]] const node_store& nodes() const noexcept { return nodes_; }
  /// Containers and TTL nodes, in no order.
  [[nodiscard]] const auto& reapable() const noexcept { return reapable_; }

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  /// The digest computed from nothing; equal to `digest` unless there is a mistake.
  [[nodiscard]] std::uint64_t recomputed_digest() const;
  [[nodiscard]] std::uint64_t ephemeral_count() const noexcept { return ephemeral_count_; }
  /// Lengths of all paths and data.
  [[nodiscard]] std::uint64_t approximate_bytes() const noexcept { return approximate_bytes_; }

private:
  friend class listing_line;
  friend class snapshot_loader;
  friend class snapshot_source;

  /// Changes fields of a node between leaving and entering the digest.
  class edit;

  void clear();
  void insert_built_in(std::string_view path, std::int32_t permissions, std::int32_t aversion);
  /// Indexes and counts a node that was just linked or is about to go.
  void enrol(node& which, std::string_view path);
  void dismiss(const node& which, const std::string& path);
  [[nodiscard]] std::uint64_t node_hash(std::uint64_t place, const node& which) const;
  void register_quota(std::string_view path);
  /// What a quota stats node shows instead of its data; null for other nodes.
  [[nodiscard]] const quota_usage* usage_shown_by(const node& which) const;
  [[nodiscard]] quota_usage usage_below(std::string_view subject) const;

  node_store nodes_;
  acl_table acls_;
  session_table sessions_;
  std::string secret_;
  quota_table quotas_;
  absl::flat_hash_set<const node*> reapable_;
  zxid applied_;
  std::uint64_t digest_ = 0;
  std::uint64_t ephemeral_count_ = 0;
  std::uint64_t approximate_bytes_ = 0;
  change_observer* observer_ = nullptr;    ///< the snapshot in progress, if any
  change_observer* listings_ = nullptr;    ///< lists being made, if any; sees only what vanishes
  std::uint8_t snapshot_mark_ = 0;         ///< of new nodes: number of the last snapshot, mod 256
  std::uint8_t unfinished_snapshots_ = 0;  ///< since the last that came to its end
};

}  // namespace troupe::tree
