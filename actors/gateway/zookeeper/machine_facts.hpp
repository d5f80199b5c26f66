/// What the machine and the process say about themselves, for envi and mntr.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {

/// The lines of `envi`; `version` is the product's.
named_values environment_of_process(const std::string& version);

/// File descriptors in use, and how many there may be.
std::pair<std::uint64_t, std::uint64_t> open_and_most_files();

}  // namespace troupe::zk
