/// What the tree will be once everything in flight is applied, as far as prepare needs to know.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <troupe/base/decision.hpp>

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
  /// Counters of the transactions in flight that made the node, wrote its data and changed its list
  /// of children last. Zero: what is committed holds.
  std::uint32_t created_at = 0, data_at = 0, children_at = 0;
  blob data;  ///< written by `data_at`; null if that is zero
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

  /// The draft that is made next would get this zxid and this time.
  void begin(zxid at, wall_time now) noexcept {
    draft_at_ = at;
    draft_time_ = now;
  }
  [[nodiscard]] zxid draft_at() const noexcept { return draft_at_; }
  [[nodiscard]] wall_time draft_time() const noexcept { return draft_time_; }

  /// The node as the draft sees it.
  [[nodiscard]] node_view look(std::string_view path) const;
  /// Whether it is there, as the draft sees it.
  [[nodiscard]] bool exists(std::string_view path) const;
  /// Whether the session exists and is not closing, as the draft sees it.
  [[nodiscard]] bool is_open(session_id session) const;
  /// The session's ephemeral nodes as the draft sees them, sorted.
  [[nodiscard]] std::vector<std::string> ephemerals_of(session_id session) const;

  /// Everything about the node as the draft sees it: with its data, and with the zxids and times
  /// that it will have. Nothing if there is none.
  [[nodiscard]] std::optional<tree_view::node_facts> facts(std::string_view path) const;
  /// The bare names of the node's children as the draft sees them, sorted.
  [[nodiscard]] std::vector<std::string> children_of(std::string_view path) const;

  void put(std::string_view path, node_view&& view) { (void)hold(path, std::move(view)); }
  /// The same for a node that begins or ends to exist, and for its parent, whose list changes.
  void put_child(std::string_view parent_path, node_view&& parent, std::string_view path,
                 node_view&& child);
  void open(session_id session) { draft_sessions_.emplace_back(session, true); }
  void close(session_id session) { draft_sessions_.emplace_back(session, false); }

  /// Whether the session will remember the request once everything in flight is applied.
  [[nodiscard]] bool remembers(session_id session, std::uint64_t request) const;
  /// The draft, which is about to be merged, will be remembered.
  void remember(session_id session, std::uint64_t request, std::size_t weight);

  /// The draft happens.
  void merge();
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
    /// Children in flight that begin or end to exist are in a list of their parent. As long as
    /// there is one, its parent is in flight, too.
    pending_node *parent = nullptr, *first_child = nullptr;
    pending_node *next_sibling = nullptr, *previous_sibling = nullptr;
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
    bool is_new = false;  ///< else the last of `befores_` that is not used yet is what it was
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

  pending_node& hold(std::string_view path, node_view&& view);
  [[nodiscard]] bool in_flight(std::uint32_t counter) const noexcept {
    return counter != 0 && zxid::of(draft_at_.epoch(), counter) > committed_.applied();
  }
  [[nodiscard]] std::int64_t time_of(std::uint32_t counter) const noexcept;
  void forget(const mark& done);
  void remove(pending_node& which);
  static void link(pending_node& parent, pending_node& child) noexcept;
  static void unlink(pending_node& child) noexcept;

  const state& committed_;
  absl::flat_hash_set<pending_pointer, pending_hash, pending_equal> nodes_;
  std::vector<pending_pointer> spare_;  ///< with their strings' memory; there are never many
  absl::flat_hash_map<session_id, pending_session> sessions_;
  /// Paths in flight that are or were ephemeral nodes of a session.
  absl::flat_hash_map<session_id, absl::btree_set<std::string>> owned_;
  std::deque<mark> marks_;
  std::deque<std::int64_t> times_;  ///< of all in flight, without gaps
  zxid times_end_;                  ///< whose time is the last of them
  zxid draft_at_;
  wall_time draft_time_;
  absl::flat_hash_map<session_id, window_to_come> requests_;
  std::deque<std::pair<zxid, session_id>> request_marks_;
  std::vector<undo> draft_;
  std::vector<node_view> befores_;
  std::vector<std::pair<session_id, bool>> draft_sessions_;
};

}  // namespace troupe::tree
