/// Shared libraries as files and as loaded code.
#pragma once

#include <string>

#include <troupe/base/result.hpp>
#include <troupe/sdk/plugin.h>

#include "runtime/plugin/gate.hpp"

namespace troupe::plugin {

/// Loads the file and finds its constant. The library stays loaded until the process ends, also
/// when it is refused later: code of it may have run. Its symbols are seen by nobody else.
/// A file that is loaded already is not loaded again.
/// @param path absolute, without symbolic links. @param shown how messages call it.
result<const troupe_plugin_info*, refusal> open_library(const std::string& path,
                                                        const std::string& shown);

}  // namespace troupe::plugin
