#pragma once

#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

namespace troupe::compose {

/// All types with their summaries, grouped by the role they give, for a terminal.
std::string describe_types(const sdk::catalog& types);

/// All types as a YAML mapping from name to description, for programs.
std::string describe_types_yaml(const sdk::catalog& types);

/// Everything one type declares, for a terminal.
std::string describe_type(const sdk::component_type& type);

/// The same as YAML, for programs.
std::string describe_type_yaml(const sdk::component_type& type);

/// A failure policy's name, as its enumerator is written.
const char* name_of(sdk::failure_policy policy);

/// `duration, from 1ms to 1m` or `one of a, b or c`: what an option takes.
std::string describe_option(const sdk::option_spec& spec);

/// A deployment file that shows every option of every type with its default, doc and unit, and can
/// be started as it is. Where several types give a role that others need, only one can be active:
/// the one in `preferred`, or else the first by name; the others are commented out.
std::string all_options(const sdk::catalog& types, const std::vector<std::string>& preferred);

}  // namespace troupe::compose
