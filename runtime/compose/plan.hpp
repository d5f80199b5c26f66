#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/deployment_file.hpp"
#include "runtime/plugin/loader.hpp"

namespace troupe::compose {

/// One component, ready to be made.
struct planned_component {
  std::string name;
  const sdk::component_type* type = nullptr;  ///< Owned by the catalog, or by the plan's `types`.
  sdk::option_values options;                 ///< Complete and checked.
  std::map<std::string, std::string> wires;   ///< Wire name -> component name; resolved.
  std::size_t reactor = 0;                    ///< Below `plan::reactors`.
};

/// A deployment that passed every check that needs no I/O but for loading plugins. The catalog that
/// it was made with must outlive it.
struct plan {
  std::string source;        ///< The file it was read from, for messages.
  std::uint8_t node_id = 0;  ///< 1..254.
  std::string data_dir;      ///< As written; relative to the working directory.
  std::size_t reactors = 1;
  std::vector<plugin::loaded_plugin> plugins;  ///< In file order.
  /// The catalog with the types of the plugins; null without plugins.
  std::shared_ptr<const sdk::catalog> types;
  /// In wiring order: every component stands after all it is wired to, and otherwise where the
  /// file has it. Start in this order, stop in reverse.
  std::vector<planned_component> components;

  /// The component of this name, or null.
  const planned_component* find(std::string_view name) const;
};

/// Checks the components of a deployment against the known types, wires them and orders them.
/// Every error is added to `errors`; the plan is usable only if `errors` is empty afterwards.
plan make_plan(const config::deployment_file& file, const sdk::catalog& types,
               config::report& errors);

}  // namespace troupe::compose
