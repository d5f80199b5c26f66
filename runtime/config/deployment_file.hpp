#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Version of the deployment format that this program reads.
inline constexpr std::int64_t deployment_format = 1;

/// Most reactors, and most components, of one server.
inline constexpr std::int64_t max_reactors = 256;
inline constexpr std::size_t max_components = 1000;

/// Most plugins of one server.
inline constexpr std::size_t max_plugins = 100;

/// A plugin as the file names it: `lock`, or `{ path: ./libmine.so }`.
struct plugin_entry {
  located_text what;
  bool is_path = false;
};

/// One component as the file names it; its options are still unchecked text.
struct component_entry {
  located_text name;
  located_text type;  ///< Empty when it is missing (which is reported).
  std::int64_t reactor = 0;
  std::vector<std::pair<located_text, located_text>> wires;  ///< Wire and component.
  bool wires_broken = false;  ///< A wire could not be read (which is reported).
  located_value options;      ///< A mapping: all other keys.
};

/// A deployment file whose frame is checked: everything that needs no component types.
struct deployment_file {
  std::int64_t node_id = 0;
  std::string data_dir;
  std::int64_t reactors = 1;
  std::vector<plugin_entry> plugins;
  /// A plugin could not be read or loaded (which is reported): types may be missing because of it.
  bool plugins_broken = false;
  std::vector<component_entry> components;  ///< In file order.
};

/// Checks the frame of a deployment and reports every error in it. What could be read is returned
/// in any case, so that the components can be checked in the same run. When the format version is
/// wrong only that is reported, because the rest would be judged by the wrong rules.
deployment_file read_deployment(const located_value& root, report& errors);

}  // namespace troupe::config
