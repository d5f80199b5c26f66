#pragma once

#include <optional>

#include <troupe/sdk/options.hpp>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Converts the value of one option and checks its range, or reports why it does not fit.
std::optional<sdk::option_value> read_option(const sdk::option_spec& spec,
                                             const located_value& value, report& errors);

/// A value as it would be written in the file: `64MiB`, `"0.0.0.0:2181"`, `[ a, b ]`.
std::string format_option(const sdk::option_value& value);

/// A bound of an option in its own unit, such as `4GiB`.
std::string format_bound(const sdk::option_spec& spec, std::int64_t bound);

}  // namespace troupe::config
