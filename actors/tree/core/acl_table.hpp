/// Access control lists, each stored once.
#pragma once

#include <cstdint>
#include <memory>

#include <absl/container/flat_hash_map.h>

#include <troupe/base/acl.hpp>

namespace troupe::tree {

/// A shared list, so that what is in flight can refer to it while the table drops it.
using acl_pointer = std::shared_ptr<const acl>;

/// A content hash that is equal on all servers.
std::uint64_t hash_of(const acl& list) noexcept;

/// Gives every distinct list a number and counts who uses it: nodes refer to their list by number.
/// Numbers are local to this process, and are not used again before four billion others.
class acl_table {
public:
  struct entry {
    acl_pointer list;
    std::uint64_t hash = 0;  ///< `hash_of` the list
    std::uint64_t users = 0;
    std::int32_t anyone_may = 0;  ///< `allowed_to_anyone` of the list
  };

  /// The number of this list, with one more user.
  std::uint32_t acquire(const acl& list);
  /// The list as the table has it, or a copy of its own if no node uses it.
  [[nodiscard]] acl_pointer shared(const acl& list) const;
  /// One user less; the last one takes the list away.
  void release(std::uint32_t number);
  [[nodiscard]] const entry& operator[](std::uint32_t number) const {
    return by_number_.find(number)->second;
  }
  [[nodiscard]] std::size_t size() const noexcept { return by_number_.size(); }
  void clear();

private:
  absl::flat_hash_map<std::uint32_t, entry> by_number_;
  struct content_hash {
    std::size_t operator()(const acl_pointer& list) const noexcept { return hash_of(*list); }
  };
  struct same_content {
    bool operator()(const acl_pointer& a, const acl_pointer& b) const { return *a == *b; }
  };
  absl::flat_hash_map<acl_pointer, std::uint32_t, content_hash, same_content> by_content_;
  std::uint32_t next_ = 0;
};

}  // namespace troupe::tree
