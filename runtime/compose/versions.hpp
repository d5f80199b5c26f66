#pragma once

#include <string>
#include <utility>
#include <vector>

namespace troupe::compose {

/// What this library was built with and from, by name: compiler, CAF, Cap'n Proto, deployment
/// format.
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace troupe::compose
