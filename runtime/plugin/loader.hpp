/// Loads the plugins that a deployment names.
#pragma once

#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/deployment_file.hpp"
#include "runtime/plugin/search_path.hpp"

namespace troupe::plugin {

/// A plugin whose types are in the catalog.
struct loaded_plugin {
  std::string name;
  std::string version;
  std::string summary;
  std::string path;  ///< absolute, without symbolic links
};

/// Loads each of `wanted` in order and adds its types to `types`, marked with its name. A plugin
/// that does not fit adds none at all; every reason is reported at its entry. One file, and one
/// name, may be loaded only once per deployment. Process-wide nothing is kept but the loaded code,
/// so several deployments, also on several threads, may load the same plugins.
/// @param base what relative paths are relative to; empty for the working directory.
std::vector<loaded_plugin> load_plugins(const std::vector<config::plugin_entry>& wanted,
                                        const std::string& base, const search_path& where,
                                        sdk::catalog& types, config::report& errors);

}  // namespace troupe::plugin
