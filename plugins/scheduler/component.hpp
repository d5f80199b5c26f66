/// What the plugin adds to the catalog.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace scheduler {

/// `recipe.scheduler`.
troupe::sdk::component_type component_type();

/// All types of the plugin; what the program calls when it loads it.
void register_types(troupe::sdk::catalog& types);

}  // namespace scheduler
