/// What the tree will be once everything in flight is applied, as far as prepare needs to know.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

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
  /// Of a node that exists. The committed list as long as nothing in flight changes it, and so at
  /// least as long as this view is what the overlay says; else `own_acl`, or the list in it.
  const troupe::acl* acl = nullptr;
  acl_pointer own_acl;  ///< given by a request in flight; null for a committed list

  void give_acl(acl_pointer list) {
    own_acl = std::move(list);
    acl = own_acl.get();
  }
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

  void put(std::string_view path, node_view view);
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
    std::string path;
    node_view view;
    zxid at;  ///< the newest that changes it; what a draft alone made has none
  };
  using pending_pointer = std::unique_ptr<pending_node>;
  struct pending_hash : text_hash {
    using text_hash::operator();
    std::size_t operator()(const pending_pointer& p) const noexcept { return (*this)(p->path); }
  };
  struct pending_equal {
    using is_transparent = void;
    static std::string_view key(std::string_view text) noexcept { return text; }
    static std::string_view key(const pending_pointer& p) noexcept { return p->path; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return key(a) == key(b);
    }
  };
  /// How to take a part of the draft back.
  struct undo {
    pending_node* node = nullptr;
    bool is_new = false;
    node_view before;
  };
  struct pending_session {
    bool open = false;
    zxid at;
  };
  /// What to look at when `at` is applied.
  struct mark {
    zxid at;
    pending_node* node = nullptr;  ///< or null, and then a session opened or closed
    session_id session;            ///< with a node: its owner, if it is ephemeral
  };

  void forget(const mark& done);
  void remove(pending_node& which);

  const state& committed_;
  absl::flat_hash_set<pending_pointer, pending_hash, pending_equal> nodes_;
  std::vector<pending_pointer> spare_;  ///< with their strings' memory; there are never many
  absl::flat_hash_map<session_id, pending_session> sessions_;
  /// Paths in flight that are or were ephemeral nodes of a session.
  absl::flat_hash_map<session_id, absl::btree_set<std::string>> owned_;
  std::deque<mark> marks_;
  std::vector<undo> draft_;
  std::vector<std::pair<session_id, bool>> draft_sessions_;
};

}  // namespace troupe::tree
