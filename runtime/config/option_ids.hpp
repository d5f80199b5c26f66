#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/sdk/options.hpp>

#include "runtime/config/located.hpp"

namespace troupe::config {

// Options that name servers. Each reports what does not fit, and then returns nothing.

/// A server id, from 1 to 254.
std::optional<std::int64_t> read_id(const located_text& text, report& errors);

/// `[1, 2, 3]`, each at most once. From the command line `1,2,3`.
std::optional<sdk::option_value> read_ids(const std::string& option, const located_value& value,
                                          report& errors);

/// `{ 1: 2, 3: 1 }`, with the bounds of the option.
std::optional<sdk::option_value> read_numbers(const sdk::option_spec& spec,
                                              const located_value& value, report& errors);

/// `[[1, 2, 3], [4, 5, 6]]`, each id in one group at most.
std::optional<sdk::option_value> read_id_groups(const std::string& option,
                                                const located_value& value, report& errors);

}  // namespace troupe::config
