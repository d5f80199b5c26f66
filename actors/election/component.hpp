/// The election room's component types.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::election {

/// `election.fast`: the voters agree on the one with the best history.
sdk::component_type fast_type();

/// `election.fixed`: the one that the deployment names.
sdk::component_type fixed_type();

}  // namespace troupe::election
