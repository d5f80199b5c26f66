/// The tree room's component types.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::tree {

/// `tree.znode`: the data tree as ZooKeeper's clients know it.
sdk::component_type znode_type();

}  // namespace troupe::tree
