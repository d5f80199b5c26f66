#pragma once

#include <string>

#include "runtime/compose/plan.hpp"

namespace troupe::compose {

/// The wiring as a Mermaid flowchart; arrows lead from a component to what it uses.
std::string to_mermaid(const plan& deployment);

/// The same in the DOT language of Graphviz.
std::string to_dot(const plan& deployment);

}  // namespace troupe::compose
