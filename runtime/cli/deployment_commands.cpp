#include <ostream>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/run.hpp"
#include "runtime/compose/graph.hpp"

namespace troupe::cli {

namespace {

/// The plan, or nothing after its errors are printed.
std::optional<compose::plan> load(const deployment_request& request, const surroundings& around) {
  auto result = compose::load_file(request.path, request.settings, around.variables, around.types,
                                   request.plugin_path);
  if (!result.value) around.err << result.errors;
  return std::move(result.value);
}

}  // namespace

int run(const deployment_request& request, const surroundings& around) {
  const auto deployment = load(request, around);
  return deployment ? run_deployment(*deployment) : exit_usage;
}

int check(const deployment_request& request, const surroundings& around) {
  const auto deployment = load(request, around);
  if (!deployment) return exit_usage;
  around.out << request.path << ": ok, " << deployment->components.size() << " components\n";
  for (const auto& plugin : deployment->plugins) {
    around.out << "  plugin " << plugin.name << ' ' << plugin.version << " from " << plugin.path
               << '\n';
  }
  for (const auto& component : deployment->components) {
    around.out << "  " << component.name << " (" << component.type->name << ')';
    const char* separator = " uses ";
    for (const auto& [wire, target] : component.wires) {
      around.out << separator << target;
      separator = ", ";
    }
    around.out << '\n';
  }
  return exit_ok;
}

int graph(const deployment_request& request, const std::string& format,
          const surroundings& around) {
  const auto deployment = load(request, around);
  if (!deployment) return exit_usage;
  around.out << (format == "dot" ? compose::to_dot(*deployment) : compose::to_mermaid(*deployment));
  return exit_ok;
}

}  // namespace troupe::cli
