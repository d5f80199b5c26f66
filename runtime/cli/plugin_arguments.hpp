/// Plugins that are named on the command line instead of in a deployment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/cli/commands.hpp"
#include "runtime/plugin/loader.hpp"

namespace troupe::cli {

/// The types of the program, and those of plugins.
struct extended_types {
  sdk::catalog types;
  std::vector<plugin::loaded_plugin> plugins;
};

/// Loads the plugins of `--plugin`, each a name or a path, or prints what is wrong with them and
/// returns null.
std::unique_ptr<extended_types> load_plugins(const plugin_request& request,
                                             const surroundings& around);

}  // namespace troupe::cli
