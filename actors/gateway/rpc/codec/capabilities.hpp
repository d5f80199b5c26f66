/// The objects that native clients call.
#pragma once

#include <memory>

#include <capnp/capability.h>

#include "actors/gateway/rpc/codec/link_context.hpp"

namespace troupe::rpc::codec {

/// What a connection begins with: a Coordination.
capnp::Capability::Client new_coordination(std::shared_ptr<link_context> link);

}  // namespace troupe::rpc::codec
