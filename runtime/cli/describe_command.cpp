#include <ostream>

#include "runtime/cli/commands.hpp"
#include "runtime/compose/describe.hpp"

namespace troupe::cli {

int describe(const describe_request& request, const surroundings& around) {
  const bool yaml = request.format == "yaml";
  if (request.all_options) {
    around.out << compose::all_options(around.types, around.preferred);
    return exit_ok;
  }
  if (request.type.empty()) {
    around.out << (yaml ? compose::describe_types_yaml(around.types)
                        : compose::describe_types(around.types));
    return exit_ok;
  }
  const auto* type = around.types.find(request.type);
  if (type == nullptr) {
    const auto meant = around.types.suggest(request.type);
    around.err << "troupe describe: there is no component type \"" << request.type << "\"; "
               << (meant.empty() ? "`troupe describe` lists the types"
                                 : "did you mean \"" + meant + "\"?")
               << '\n';
    return exit_usage;
  }
  around.out << (yaml ? compose::describe_type_yaml(*type) : compose::describe_type(*type));
  return exit_ok;
}

}  // namespace troupe::cli
