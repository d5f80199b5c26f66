#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/compose/plan.hpp"
#include "runtime/config/environment.hpp"

namespace troupe::compose {

/// A plan, or the errors that keep the deployment from starting, as text for a terminal.
struct load_result {
  std::optional<plan> value;
  std::string errors;
};

/// Reads a deployment from text: YAML, `--set` values, environment variables, plugins, all checks,
/// plan.
/// @param name how errors call the text, usually the path of its file; paths of plugins are
///        relative to its directory.
/// @param types what is known without plugins.
/// @param plugin_path directories to look for plugins before all others, as from `--plugin-path`.
load_result load_text(const std::string& name, std::string text,
                      const std::vector<std::string>& settings,
                      const config::environment& variables, const sdk::catalog& types,
                      const std::vector<std::string>& plugin_path = {});

/// The same from a file. A file that is missing, unreadable or a directory is an error like others.
load_result load_file(const std::string& path, const std::vector<std::string>& settings,
                      const config::environment& variables, const sdk::catalog& types,
                      const std::vector<std::string>& plugin_path = {});

}  // namespace troupe::compose
