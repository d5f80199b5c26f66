/// Where plugins are looked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/config/environment.hpp"

namespace troupe::plugin {

/// Name of the environment variable with further directories, separated by colons.
inline constexpr const char* path_variable = "TROUPE_PLUGIN_PATH";

/// Directories in the order in which they are searched.
class search_path {
public:
  explicit search_path(std::vector<std::string> directories);

  /// The directories of this program: `first` (as from `--plugin-path`), those of the environment,
  /// and the one that belongs to libtroupe.so itself, installed or in a build tree:
  /// `troupe/plugins` beside it.
  static search_path of_program(const std::vector<std::string>& first,
                                const config::environment& variables);

  /// The file of the plugin called `name`: `libtroupe_NAME.so` in the first directory that has it.
  [[nodiscard]] std::optional<std::string> find(const std::string& name) const;

  /// Names of all plugins there, sorted; for "did you mean".
  [[nodiscard]] std::vector<std::string> names() const;

  /// What was searched, in words, for a message about a name that was not found.
  [[nodiscard]] std::string text() const;

private:
  std::vector<std::string> directories_;
};

/// The file name of a plugin: `libtroupe_lock.so`.
std::string file_name_of(const std::string& plugin);

/// The directory of plugins beside libtroupe.so, or nothing if that cannot be found out.
std::optional<std::string> library_plugin_directory();

}  // namespace troupe::plugin
