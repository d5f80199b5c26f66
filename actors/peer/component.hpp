/// The peer room's component types.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::peer {

/// `peer.tcp`: links to the other servers over TCP.
sdk::component_type tcp_type();

}  // namespace troupe::peer
