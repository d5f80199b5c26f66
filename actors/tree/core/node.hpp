/// One znode in memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <troupe/base/blob.hpp>
#include <troupe/base/ids.hpp>
#include <troupe/base/operation.hpp>

namespace troupe::tree {

class node_store;

/// A znode, packed: a million of them must fit into 300 MB, data of 128 bytes included. Children
/// are linked through their siblings, so that a leaf needs no container; the name, and for
/// ephemeral and TTL nodes one number, follow the struct in the same allocation. Made by node_store
/// only.
struct node {
  node* parent = nullptr;  ///< null for the root only
  node* first_child = nullptr;
  node* next_sibling = nullptr;
  node* previous_sibling = nullptr;
  blob data;
  zxid czxid, mzxid, pzxid;
  std::int64_t ctime_ms = 0;
  std::int64_t mtime_ms = 0;
  std::int32_t version = 0;
  std::int32_t children_created = 0;  ///< ever, also those that are gone; may wrap around
  std::int32_t aversion = 0;
  std::int32_t num_children = 0;
  std::uint32_t acl = 0;  ///< number in the acl_table

  [[nodiscard]] std::string_view name() const noexcept { return {tail() + extra(), name_size_}; }
  [[nodiscard]] node_kind kind() const noexcept { return static_cast<node_kind>(kind_); }
  /// Whose ephemeral node this is; zero for other kinds.
  [[nodiscard]] session_id owner() const noexcept {
    return kind() == node_kind::ephemeral ? session_id{number()} : session_id{};
  }
  /// The time to live of a TTL node; -1 for other kinds.
  [[nodiscard]] std::int64_t ttl_ms() const noexcept {
    return kind() == node_kind::ttl ? static_cast<std::int64_t>(number()) : -1;
  }

  /// Whether the snapshot in progress (or the last one) has passed this node; see snapshot_source.
  [[nodiscard]] bool snapshot_mark() const noexcept { return snapshot_mark_ != 0; }
  void set_snapshot_mark(bool mark) noexcept { snapshot_mark_ = mark ? 1 : 0; }

  static constexpr std::size_t max_name_size = (1U << 24) - 1;

private:
  friend class node_store;
  node() = default;

  [[nodiscard]] static constexpr bool has_number(node_kind kind) noexcept {
    return kind == node_kind::ephemeral || kind == node_kind::ttl;
  }
  [[nodiscard]] std::size_t extra() const noexcept {
    return has_number(kind()) ? sizeof(std::uint64_t) : 0;
  }
  [[nodiscard]] const char* tail() const noexcept {
    return reinterpret_cast<const char*>(this + 1);
  }
  [[nodiscard]] char* tail() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] std::uint64_t number() const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, tail(), sizeof value);
    return value;
  }

  std::uint32_t name_size_ : 24 = 0;
  std::uint32_t kind_ : 4 = 0;
  std::uint32_t snapshot_mark_ : 4 = 0;
};
static_assert(sizeof(node) == 104, "a larger node breaks the promise of memory per znode");

/// The full path of a node.
std::string path_of(const node& which);

}  // namespace troupe::tree
