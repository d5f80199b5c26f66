/// What the tree will be once everything in flight is applied, as far as prepare needs to know.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <troupe/base/operation.hpp>

#include "actors/tree/core/acl_table.hpp"
#include "actors/tree/core/state.hpp"
#include "actors/tree/core/text_hash.hpp"

namespace troupe::tree {

/// The fields of a node that checks look at.
struct node_view {
  bool exists = false;
  node_kind kind = node_kind::persistent;
  session_id owner;
  std::int32_t version = 0;
  std::int32_t aversion = 0;
  std::int32_t children_created = 0;
  std::int32_t num_children = 0;
  std::int64_t data_length = 0;
  acl_pointer acl;
};

/// The committed state plus the changes in flight. Changes are made in a *draft*, the effects of
/// one request, which is then either merged with the zxid that it got, or dropped without a trace:
/// so a failed multi leaves nothing behind, not even a child counter. What a zxid put here goes
/// when it is applied, because the committed state says it then. The size is bounded by what those
/// who submit may have outstanding.
class overlay {
public:
  explicit overlay(const state& committed) : committed_(committed) {}

  /// The node as the draft sees it.
  [[nodiscard]] node_view look(std::string_view path) const;
  /// Whether the session exists and is not closing, as the draft sees it.
  [[nodiscard]] bool is_open(session_id session) const;
  /// The session's ephemeral nodes as the draft sees them, sorted.
  [[nodiscard]] std::vector<std::string> ephemerals_of(session_id session) const;

  void put(std::string_view path, node_view view) { draft_[path] = std::move(view); }
  void open(session_id session) { draft_sessions_.emplace_back(session, true); }
  void close(session_id session) { draft_sessions_.emplace_back(session, false); }

  /// The draft happens, under this zxid.
  void merge(zxid at);
  /// The draft does not happen.
  void drop();
  /// Everything up to `at` is in the committed state.
  void applied(zxid at);
  /// Nothing is in flight.
  void clear();

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

private:
  struct pending_node {
    node_view view;
    zxid at;
  };
  struct pending_session {
    bool open = false;
    zxid at;
  };
  /// What to look at when `at` is applied.
  struct mark {
    zxid at;
    std::string path;    ///< or empty, and then a session opened or closed
    session_id session;  ///< with a path: its owner, if the node is ephemeral
  };

  void forget(const mark& done);

  const state& committed_;
  text_map<pending_node> nodes_;
  absl::flat_hash_map<session_id, pending_session> sessions_;
  /// Paths in flight that are or were ephemeral nodes of a session.
  absl::flat_hash_map<session_id, absl::btree_set<std::string>> owned_;
  std::deque<mark> marks_;
  text_map<node_view> draft_;
  std::vector<std::pair<session_id, bool>> draft_sessions_;
};

}  // namespace troupe::tree
