#include <iomanip>
#include <ostream>

#include <troupe/version.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/compose/versions.hpp"

namespace troupe::cli {

int version(const surroundings& around) {
  const auto line = [&](const std::string& name, const std::string& value) {
    around.out << std::left << std::setw(19) << name << value << '\n';
  };
  around.out << "troupe " << troupe::version << '\n';
  for (const auto& [name, number] : compose::library_versions())
    line(name, number);
  for (const auto& [name, number] : around.formats)
    line(name, number);
  return exit_ok;
}

}  // namespace troupe::cli
