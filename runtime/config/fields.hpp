#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Whether a value is of the wanted shape. Reports it otherwise, naming the key.
bool expect_shape(const located_value& value, located_value::shape shape, const std::string& key,
                  report& errors);

/// Reports all keys of a mapping that are not in a list, with the nearest one that is.
/// @param owner names the mapping in the message, such as `node` or `the deployment`.
void refuse_unknown_keys(const located_value& mapping, const std::vector<std::string>& known,
                         const std::string& owner, report& errors);

/// Reads a whole number with bounds, or reports why not and returns `fallback`.
std::int64_t read_integer(const located_value& value, const std::string& key, std::int64_t low,
                          std::int64_t high, std::int64_t fallback, report& errors);

}  // namespace troupe::config
