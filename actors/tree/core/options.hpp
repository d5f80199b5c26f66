/// What a deployment can choose about the tree.
#pragma once

#include "actors/tree/core/acl_schemes.hpp"

#include <cstddef>

#include <troupe/base/time.hpp>

namespace troupe::tree {

/// How much of the work of listing children is done at a time. A child takes 20 ns, or a few times
/// that when nothing of it is in the caches, so a step takes some tenths of a millisecond.
struct listing_limits {
  /// A list of so few is made with its read, whatever else is done.
  std::size_t children_at_once = 256;
  /// Of longer lists, as many together are made with the reads of one message. What is more waits
  /// in the line, where a step makes as many and about as many bytes.
  std::size_t children_per_step = 4096;
  std::size_t bytes_per_step = 256 * 1024;
  /// Names that went while lists wait; over it, these are given up.
  std::size_t removed_bytes = 16 << 20;
};

struct tree_options {
  bool extended_types = false;  ///< TTL nodes
  bool enforce_quota = false;
  scheme_set schemes;
  /// A container that never had a child goes after this time; zero: never.
  milliseconds container_never_used{0};
  listing_limits listings;
  /// How often a decision, a script or a guard may look at the tree or change it.
  std::size_t decision_accesses = 20'000;
};

}  // namespace troupe::tree
