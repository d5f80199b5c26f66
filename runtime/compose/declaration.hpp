#pragma once

#include <string>

#include <troupe/sdk/component_type.hpp>

namespace troupe::compose {

/// What contradicts itself in the declaration of a component type, or an empty string: names used
/// twice, reserved or malformed, defaults and examples that the option itself would refuse.
std::string find_mistake(const sdk::component_type& type);

}  // namespace troupe::compose
