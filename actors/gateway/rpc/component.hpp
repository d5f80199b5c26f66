/// The native gateway's component type.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::rpc {

/// `gateway.rpc`: Troupe's own protocol, on Cap'n Proto RPC.
sdk::component_type gateway_type();

}  // namespace troupe::rpc
