/// The session room's component types.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::session {

/// `session.replicated`: sessions that live in the replicated tree.
sdk::component_type replicated_type();

}  // namespace troupe::session
