#pragma once

#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/component_type.hpp>

namespace troupe {

/// Adds every component type of this library: the readable list of what is built in. There are no
/// static initialisers, so a type that is not on the list does not exist.
void register_builtin_types(sdk::catalog& types);

/// The types that configs/all-options.yaml shows active where several give the same role.
std::vector<std::string> preferred_builtin_types();

/// Versions of what the built-in types write to disk, by name, for `troupe version`.
std::vector<std::pair<std::string, std::string>> builtin_formats();

}  // namespace troupe
