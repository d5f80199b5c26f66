#pragma once

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/deployment_file.hpp"

namespace troupe::config {

/// Reads the options of one component by its type's declarations: converts them, fills in defaults
/// and runs the type's own check (only when every option is valid by itself). All errors are
/// reported; the result is complete only if there were none.
sdk::option_values read_options(const component_entry& component, const sdk::component_type& type,
                                report& errors);

}  // namespace troupe::config
