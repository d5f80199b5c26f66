#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Looks up an environment variable; nothing when it is not set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
environment process_environment();

/// Replaces `${NAME}` and `${NAME:-default}` in every scalar value below `root`; keys are left
/// alone. The default is used when the variable is not set or empty. `$${` stands for a plain `${`.
/// What was put in is not looked at again. Unset variables without a default are reported.
void expand_environment(located_value& root, const environment& variables, report& errors);

}  // namespace troupe::config
