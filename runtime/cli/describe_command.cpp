#include <ostream>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/plugin_arguments.hpp"
#include "runtime/compose/describe.hpp"

namespace troupe::cli {

namespace {

int describe_of(const describe_request& request, const sdk::catalog& types,
                const surroundings& around) {
  const bool yaml = request.format == "yaml";
  if (request.all_options) {
    around.out << compose::all_options(types, around.preferred);
    return exit_ok;
  }
  if (request.type.empty()) {
    around.out << (yaml ? compose::describe_types_yaml(types) : compose::describe_types(types));
    return exit_ok;
  }
  const auto* type = types.find(request.type);
  if (type == nullptr) {
    const auto meant = types.suggest(request.type);
    around.err << "troupe describe: there is no component type \"" << request.type << "\"; "
               << (meant.empty()
                       ? "`troupe describe` lists the types, --plugin NAME adds those of a plugin"
                       : "did you mean \"" + meant + "\"?")
               << '\n';
    return exit_usage;
  }
  around.out << (yaml ? compose::describe_type_yaml(*type) : compose::describe_type(*type));
  return exit_ok;
}

}  // namespace

int describe(const describe_request& request, const surroundings& around) {
  if (request.plugins.plugins.empty()) return describe_of(request, around.types, around);
  const auto known = load_plugins(request.plugins, around);
  return known ? describe_of(request, known->types, around) : exit_usage;
}

}  // namespace troupe::cli
