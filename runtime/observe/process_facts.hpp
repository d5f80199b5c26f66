#pragma once

#include <vector>

#include "runtime/observe/metric_registry.hpp"

namespace troupe::observe {

/// Memory, CPU time, threads and open files of this process, named as Prometheus's client libraries
/// name them. What the system does not tell is left out.
std::vector<sample> process_facts();

}  // namespace troupe::observe
