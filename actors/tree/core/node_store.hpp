/// All znodes of the committed tree, and the way to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/blob.hpp>

#include "actors/tree/core/node.hpp"

namespace troupe::tree {

/// Owns the nodes, their data and names, the links between them, and one hash table keyed by
/// (parent, name). Knows nothing of what the fields mean. Nodes do not move until they are erased.
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

  /// Null for the root only.
  [[nodiscard]] node* parent(const node& of) const noexcept { return node_at(of.parent_); }
  [[nodiscard]] node* first_child(const node& of) const noexcept {
    return of.directory_ == slab_memory::none ? nullptr : node_at(directory_of(of).first_child);
  }
  [[nodiscard]] node* next_sibling(const node& of) const noexcept {
    return node_at(of.next_sibling_);
  }
  /// The next node in preorder (a parent before its children), or null after the last. With `top`
  /// given, stays within that node's subtree.
  [[nodiscard]] node* next_in_preorder(const node& at, const node* top = nullptr) const noexcept;
  /// The full path.
  [[nodiscard]] std::string path_of(const node& which) const;

  [[nodiscard]] std::int32_t num_children(const node& of) const noexcept {
    return of.directory_ == slab_memory::none ? 0 : directory_of(of).num_children;
  }
  /// Of the children, together.
  [[nodiscard]] std::uint64_t name_bytes(const node& of) const noexcept {
    return of.directory_ == slab_memory::none ? 0 : directory_of(of).name_bytes;
  }
  /// Ever, also those that are gone; may wrap around.
  [[nodiscard]] std::int32_t children_created(const node& of) const noexcept {
    return of.directory_ == slab_memory::none ? 0 : directory_of(of).children_created;
  }
  /// The last change of the list of children; the creation of a node that never had any.
  [[nodiscard]] zxid pzxid(const node& of) const noexcept {
    return of.directory_ == slab_memory::none ? of.czxid : directory_of(of).pzxid;
  }
  void set_children_changed(node& of, std::int32_t created, zxid pzxid);

  [[nodiscard]] bool has_data(const node& of) const noexcept {
    return of.data_ != slab_memory::none;
  }
  /// The bytes; empty if there is no data. Valid until the data changes or the node goes.
  [[nodiscard]] std::string_view data(const node& of) const noexcept;
  /// The data as a value of its own. Long data is shared, short data copied.
  [[nodiscard]] blob share_data(const node& of) const;
  void set_data(node& of, const blob& data);
  /// Copies the bytes; the data is not null afterwards.
  void set_data(node& of, std::string_view data);

  /// Adds a node that does not exist; counts it at its parent. `number` is the owner of an
  /// ephemeral node or the time to live of a TTL node, and unused for others.
  node& insert(node& parent, std::string_view name, node_kind kind, std::uint64_t number);
  /// Removes a node without children that is not the root; counts it at its parent.
  void erase(node& which) noexcept;
  /// Back to only the root.
  void clear();
  /// So many nodes will be inserted. Only a hint, and taken with care.
  void reserve(std::uint64_t nodes);

  /// The root included.
  [[nodiscard]] std::size_t size() const noexcept { return count_ + 1; }

private:
  using handle = slab_memory::handle;
  /// What nodes with children have beside the others.
  struct directory {
    zxid pzxid;
    std::uint64_t name_bytes = 0;
    handle first_child = slab_memory::none;
    std::int32_t num_children = 0;
    std::int32_t children_created = 0;
  };

  [[nodiscard]] node* node_at(handle which) const noexcept {
    return which == slab_memory::none ? nullptr : static_cast<node*>(memory_.at(which));
  }
  [[nodiscard]] directory& directory_of(const node& of) const noexcept {
    return *static_cast<directory*>(memory_.at(of.directory_));
  }
  directory& need_directory(node& of);

  [[nodiscard]] std::uint64_t hash(handle parent, std::string_view name) const noexcept;
  [[nodiscard]] std::size_t bucket_of(std::uint64_t hash) const noexcept;
  /// The bit of a bucket's filter that a name with this hash sets.
  [[nodiscard]] static std::uint8_t filter_bit(std::uint64_t hash) noexcept {
    return static_cast<std::uint8_t>(1U << (hash >> 61));
  }
  void enlist(node& made, handle name_of_it) noexcept;
  void delist(const node& gone, handle name_of_it) noexcept;
  void split_a_bucket();

  node* allocate(std::string_view name, node_kind kind, std::uint64_t number);
  void destroy(node& which) noexcept;
  void* make_room(node& of, std::size_t bytes, bool is_long);
  void release_long_data(const node& of) noexcept;
  void release_long_blocks() noexcept;

  slab_memory memory_;
  /// Linear hashing: the table grows by one bucket for each node, so that no insertion is long.
  std::vector<handle> buckets_;
  /// For each bucket the bits of the nodes in it, and maybe of some that were: most names that are
  /// not there are told without a look at nodes, which is a walk through memory for each creation.
  std::vector<std::uint8_t> filters_;
  std::size_t level_mask_ = 0;  ///< of the largest power of two that is not more than the buckets
  std::size_t count_ = 0;       ///< without the root
  /// How many nodes have something on the heap: a tree without any is cleared without a walk.
  std::size_t long_blocks_ = 0;
  node* root_;
};

}  // namespace troupe::tree
