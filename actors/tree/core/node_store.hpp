/// All znodes of the committed tree, and the way to them.
#pragma once

#include <cstddef>
#include <string_view>

#include <absl/container/flat_hash_set.h>

#include "actors/tree/core/node.hpp"

namespace troupe::tree {

/// Owns the nodes: links between them and one hash set keyed by (parent, name). Knows nothing of
/// what the fields mean. Pointers to nodes are stable until the node is erased.
class node_store {
public:
  /// Only the root.
  node_store();
  ~node_store();
  node_store(const node_store&) = delete;
  node_store& operator=(const node_store&) = delete;

  [[nodiscard]] node& root() noexcept { return *root_; }
  [[nodiscard]] const node& root() const noexcept { return *root_; }

  /// The node at a path, or null. An ill-formed path is simply one where no node is.
  [[nodiscard]] const node* find(std::string_view path) const noexcept;
  [[nodiscard]] node* find(std::string_view path) noexcept {
    return const_cast<node*>(static_cast<const node_store*>(this)->find(path));
  }
  [[nodiscard]] const node* child(const node& parent, std::string_view name) const noexcept;

  /// Adds a node that does not exist; counts it at its parent. `number` is the owner of an
  /// ephemeral node or the time to live of a TTL node, and unused for others.
  node& insert(node& parent, std::string_view name, node_kind kind, std::uint64_t number);
  /// Removes a node without children that is not the root; counts it at its parent.
  void erase(node& which) noexcept;
  /// Back to only the root.
  void clear() noexcept;
  void reserve(std::size_t nodes) { by_name_.reserve(nodes); }

  /// The root included.
  [[nodiscard]] std::size_t size() const noexcept { return by_name_.size() + 1; }

private:
  struct key {
    const node* parent;
    std::string_view name;
  };
  static key key_of(const node* n) noexcept { return {n->parent, n->name()}; }
  static key key_of(const key& k) noexcept { return k; }
  struct hash {
    using is_transparent = void;
    std::size_t operator()(const key& k) const noexcept;
    std::size_t operator()(const node* n) const noexcept { return (*this)(key_of(n)); }
  };
  struct equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      const key x = key_of(a), y = key_of(b);
      return x.parent == y.parent && x.name == y.name;
    }
  };

  static node* allocate(std::string_view name, node_kind kind, std::uint64_t number);
  static void destroy(node* which) noexcept;

  node* root_;
  absl::flat_hash_set<node*, hash, equal> by_name_;
};

/// The next node in preorder (a parent before its children), or null after the last. With `top`
/// given, stays within that node's subtree.
[[nodiscard]] const node* next_in_preorder(const node& at, const node* top = nullptr) noexcept;

}  // namespace troupe::tree
