/// The local gateway's component type.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::local {

/// `gateway.local`: coordination for actors in the same process.
sdk::component_type gateway_type();

}  // namespace troupe::local
