/// One znode in memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include <troupe/base/ids.hpp>
#include <troupe/base/operation.hpp>

#include "actors/tree/core/slab_memory.hpp"

namespace troupe::tree {

class node_store;

/// A znode, packed: a million of them with data of 128 bytes take 230 MB. What only nodes with
/// children need is kept elsewhere, links are handles of the slab_memory that the node is in, and
/// the name and, for ephemeral and TTL nodes, one number follow the struct in the same block. Made
/// by node_store only, and asked of it for everything that is not in the struct itself.
struct node {
  zxid czxid, mzxid;
  std::int64_t ctime_ms = 0;
  std::int64_t mtime_ms = 0;
  std::int32_t version = 0;
  std::int32_t aversion = 0;
  std::uint32_t acl = 0;  ///< number in the acl_table

  [[nodiscard]] std::string_view name() const noexcept {
    const char* const here = tail() + extra();
    if (name_size_ <= most_inline_name) return {here, name_size_};
    const char* elsewhere = nullptr;
    std::memcpy(&elsewhere, here, sizeof elsewhere);
    return {elsewhere, name_size_};
  }
  [[nodiscard]] node_kind kind() const noexcept { return static_cast<node_kind>(kind_); }
  /// Whose ephemeral node this is; zero for other kinds.
  [[nodiscard]] session_id owner() const noexcept {
    return kind() == node_kind::ephemeral ? session_id{number()} : session_id{};
  }
  /// The time to live of a TTL node; -1 for other kinds.
  [[nodiscard]] std::int64_t ttl_ms() const noexcept {
    return kind() == node_kind::ttl ? static_cast<std::int64_t>(number()) : -1;
  }

  /// Which snapshot has passed this node last, modulo 256; see snapshot_source.
  [[nodiscard]] std::uint8_t snapshot_mark() const noexcept {
    return static_cast<std::uint8_t>(snapshot_mark_);
  }
  void set_snapshot_mark(std::uint8_t mark) noexcept { snapshot_mark_ = mark; }

  /// Four times what fits into a client's packet.
  static constexpr std::size_t max_name_size = (1U << 22) - 1;

private:
  friend class node_store;
  using handle = slab_memory::handle;
  node() = default;

  /// Longer names are on the heap, and the node has their address.
  static constexpr std::size_t most_inline_name = 1024;

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

  handle parent_ = slab_memory::none;  ///< none for the root only
  handle next_sibling_ = slab_memory::none, previous_sibling_ = slab_memory::none;
  handle next_in_bucket_ = slab_memory::none;
  handle directory_ = slab_memory::none;  ///< of a node that has or had children
  handle data_ = slab_memory::none;       ///< none: null data
  std::uint32_t name_size_ : 22 = 0;
  std::uint32_t kind_ : 2 = 0;
  std::uint32_t snapshot_mark_ : 8 = 0;
};
static_assert(sizeof(node) == 72, "a larger node breaks the promise of memory per znode");

}  // namespace troupe::tree
