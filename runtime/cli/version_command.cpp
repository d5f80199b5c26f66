#include <iomanip>
#include <ostream>

#include <troupe/version.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/plugin_arguments.hpp"
#include "runtime/compose/versions.hpp"
#include "runtime/plugin/gate.hpp"

namespace troupe::cli {

int version(const plugin_request& plugins, const surroundings& around) {
  const auto loaded = load_plugins(plugins, around);
  if (!loaded) return exit_usage;
  const auto line = [&](const std::string& name, const std::string& value) {
    around.out << std::left << std::setw(19) << name << value << '\n';
  };
  around.out << "troupe " << troupe::version << '\n';
  for (const auto& [name, number] : compose::library_versions())
    line(name, number);
  for (const auto& [name, number] : around.formats)
    line(name, number);
  const auto& built = plugin::own_fingerprint();
  line("plugin ABI", std::to_string(TROUPE_PLUGIN_ABI));
  line("headers", built.sdk);
  line("C++ ABI", built.compiler_abi);
  line("standard library", built.standard_library);
  line("library checks", built.stdlib_checks);
  line("sanitizers", built.sanitizers);
  for (const auto& plugin : loaded->plugins)
    line("plugin " + plugin.name,
         plugin.version + "  " + plugin.summary + " (" + plugin.path + ')');
  return exit_ok;
}

}  // namespace troupe::cli
