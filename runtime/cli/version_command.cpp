#include <iomanip>
#include <ostream>

#include <caf/config.hpp>
#include <capnp/common.h>

#include <troupe/version.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/config/deployment_file.hpp"

namespace troupe::cli {

namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

}  // namespace

int version(const surroundings& around) {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "gcc " __VERSION__;
#endif
  const auto line = [&](const std::string& name, const std::string& value) {
    around.out << std::left << std::setw(19) << name << value << '\n';
  };
  around.out << "troupe " << troupe::version << '\n';
  line("compiler", compiler);
  line("CAF", dotted(CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION));
  line("Cap'n Proto", dotted(CAPNP_VERSION_MAJOR, CAPNP_VERSION_MINOR, CAPNP_VERSION_MICRO));
  line("deployment format", std::to_string(config::deployment_format));
  for (const auto& [name, number] : around.formats)
    line(name, number);
  return exit_ok;
}

}  // namespace troupe::cli
