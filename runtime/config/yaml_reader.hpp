#pragma once

#include <optional>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Bounds on a deployment file; going over one is a located error that names it.
struct yaml_limits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_depth = 16;
  std::size_t max_values = 10'000;
};

/// Reads the single YAML document of a source that was added to `errors`.
///
/// Beyond YAML's own rules: duplicate keys are errors, keys are words, and anchors, aliases, tags
/// and further documents are refused, so that every value stands exactly where an error says.
/// @returns the tree, or nothing when the text cannot be read as a whole (the error is reported);
///          with smaller errors the tree is still returned, so that one run finds all of them.
std::optional<located_value> read_yaml(std::uint32_t source, report& errors,
                                       const yaml_limits& limits = {});

}  // namespace troupe::config
