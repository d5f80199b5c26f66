#pragma once

#include <cstddef>
#include <vector>

#include "runtime/compose/plan_wires.hpp"

namespace troupe::compose {

/// Indices of all components so that each comes after those it is wired to, otherwise in file
/// order. Components on a circle of wires cannot be ordered: each circle is reported, and they
/// come last, in file order.
std::vector<std::size_t> wiring_order(const std::vector<wiring>& members, config::report& errors);

}  // namespace troupe::compose
