#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/deployment_file.hpp"

namespace troupe::compose {

/// A component on its way into the plan.
struct wiring {
  const config::component_entry* entry = nullptr;
  const sdk::component_type* type = nullptr;  ///< Null when it is unknown (which is reported).
  std::map<std::string, std::size_t> wires;   ///< Wire name -> index of the component.
};

/// Connects every need: as the file says, or with the only component that gives the role. Reports
/// wires that do not exist, lead nowhere or do not fit, and needs with no or several candidates.
/// Says nothing about needs that a component of unknown type might have met.
void resolve_wires(std::vector<wiring>& members, const sdk::catalog& types, config::report& errors);

}  // namespace troupe::compose
