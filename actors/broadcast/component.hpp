/// The broadcast room's component types.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::broadcast {

/// `broadcast.local`: total order on one server.
sdk::component_type local_type();

/// `broadcast.zab`: total order on an ensemble.
sdk::component_type zab_type();

}  // namespace troupe::broadcast
