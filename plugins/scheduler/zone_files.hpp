/// The system's time zones.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/time_zone.hpp"

namespace scheduler {

/// Zones by name; "" is UTC. What is in it never changes, so decisions may use it on any thread.
using zone_table = std::map<std::string, time_zone, std::less<>>;

/// Reads a zone of the zoneinfo database. Blocks for a small file, so only when a zone is first
/// seen.
troupe::result<time_zone> read_zone(const std::string& name);

}  // namespace scheduler
