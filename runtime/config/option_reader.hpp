#pragma once

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/deployment_file.hpp"

namespace troupe::config {

/// Reads the options of one component by its type's declarations: converts them, fills in defaults
/// and runs the type's own checks (only when every option is valid by itself). All errors are
/// reported; the result is complete only if there were none.
/// @param server which of the servers of the deployment reads them.
sdk::option_values read_options(const component_entry& component, const sdk::component_type& type,
                                server_id server, report& errors);

}  // namespace troupe::config
