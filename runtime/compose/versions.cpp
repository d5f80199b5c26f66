#include "runtime/compose/versions.hpp"

#include <caf/config.hpp>
#include <capnp/common.h>

#include "runtime/config/deployment_file.hpp"

namespace troupe::compose {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> library_versions() {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "gcc " __VERSION__;
#endif
  return {{"compiler", compiler},
          {"CAF", dotted(CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION)},
          {"Cap'n Proto", dotted(CAPNP_VERSION_MAJOR, CAPNP_VERSION_MINOR, CAPNP_VERSION_MICRO)},
          {"deployment format", std::to_string(config::deployment_format)}};
}

}  // namespace troupe::compose
