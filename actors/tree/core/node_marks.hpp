/// Which nodes somebody has seen, without a place for that in the nodes.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <absl/container/flat_hash_map.h>

#include "actors/tree/core/node.hpp"

namespace troupe::tree {

/// A set of nodes, by their addresses: a bit for each 64 bytes of memory that has some of them. So
/// a million nodes take half a megabyte, and marking one touches no memory of its own. A node that
/// comes to the place of an erased one has its mark.
class node_marks {
public:
  void insert(const node& which) {
    auto& bits = regions_[region_of(which)];
    if (!bits) bits = std::make_unique<region>();
    bits->set(place_of(which));
  }
  [[nodiscard]] bool contains(const node& which) const {
    const auto found = regions_.find(region_of(which));
    return found != regions_.end() && found->second->test(place_of(which));
  }
  void clear() noexcept { regions_.clear(); }

private:
  static constexpr std::uintptr_t bytes_per_bit = 64;
  static constexpr std::size_t bits_per_region = std::size_t{1} << 15;
  static_assert(sizeof(node) >= bytes_per_bit, "two nodes would share a bit");
  using region = std::bitset<bits_per_region>;

  static std::uintptr_t bit_of(const node& which) noexcept {
    return reinterpret_cast<std::uintptr_t>(&which) / bytes_per_bit;
  }
  static std::uintptr_t region_of(const node& which) noexcept {
    return bit_of(which) / bits_per_region;
  }
  static std::size_t place_of(const node& which) noexcept {
    return bit_of(which) % bits_per_region;
  }

  absl::flat_hash_map<std::uintptr_t, std::unique_ptr<region>> regions_;
};

}  // namespace troupe::tree
