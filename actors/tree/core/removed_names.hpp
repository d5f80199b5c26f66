/// Names that left a directory while lists of it wait to be made.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/name_list.hpp>

namespace troupe::tree {

/// A log of names in the order in which they went, in blocks, so that adding, reading on and
/// forgetting are all short. Readers have a place in it.
class removed_names {
public:
  /// `total` counts the bytes of all logs together and outlives them.
  explicit removed_names(std::size_t& total) noexcept : total_(total) {}
  ~removed_names() { total_ -= bytes_; }
  removed_names(const removed_names&) = delete;
  removed_names& operator=(const removed_names&) = delete;

  struct place {
    std::uint64_t block = 0;
    std::size_t index = 0;
    auto operator<=>(const place&) const noexcept = default;
  };

  /// The name of a node that was created with `created`.
  void add(std::string_view name, zxid created);
  /// Behind the newest name.
  [[nodiscard]] place end() const noexcept;
  /// Reads on from `from`, which moves: puts names of nodes that were there at `as_of` into `into`,
  /// until it has `full` bytes or `most` names were looked at, which are taken from `most`. True at
  /// the end.
  bool read(place& from, zxid as_of, name_list& into, std::size_t full, std::size_t& most) const;
  /// Nobody reads before this place any more.
  void forget_before(place needed);

private:
  struct block {
    name_list names;
    std::vector<zxid> created;
  };

  std::deque<block> blocks_;
  std::uint64_t first_ = 0;  ///< number of the first block
  std::size_t bytes_ = 0;
  std::size_t& total_;
};

}  // namespace troupe::tree
