/// What a deployment can choose about the tree.
#pragma once

#include "actors/tree/core/acl_schemes.hpp"

#include <troupe/base/time.hpp>

namespace troupe::tree {

struct tree_options {
  bool extended_types = false;  ///< TTL nodes
  bool enforce_quota = false;
  scheme_set schemes;
  /// A container that never had a child goes after this time; zero: never.
  milliseconds container_never_used{0};
};

}  // namespace troupe::tree
