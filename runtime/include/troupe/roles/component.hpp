/// What every component understands, whatever its role.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <troupe/roles/handle.hpp>

namespace troupe::role::component {

/// Wires are set and all components exist: begin. Sent once, in wiring order.
struct start {};

/// Finish what was accepted, take nothing new, release everything, answer `stopped`, quit. Sent in
/// reverse wiring order; the sender waits for each answer up to a deadline.
struct stop {};

/// Asks for a `status_report` with the same token.
struct report_status {
  std::uint64_t token = 0;
};

/// A component's state for people: names in snake_case with units last, values as text.
struct status_report {
  std::uint64_t token = 0;
  std::uint32_t component = 0;
  std::vector<std::pair<std::string, std::string>> facts;
};

/// The component works: recovered, connected or listening, whatever its role means by it.
struct ready {
  std::uint32_t component = 0;
};

struct stopped {
  std::uint32_t component = 0;
};

/// The component cannot go on. `reason` is a sentence for the operator: what, where, what to do.
/// What follows is decided by the component type's failure policy.
struct failed {
  std::uint32_t component = 0;
  std::string reason;
};

/// Every component.
using actor = handle<start, stop, report_status>;

/// The one who watches over the components of a deployment.
using supervisor = handle<ready, stopped, failed, status_report>;

}  // namespace troupe::role::component

TROUPE_MESSAGE(troupe::role::component::start)
TROUPE_MESSAGE(troupe::role::component::stop)
TROUPE_MESSAGE(troupe::role::component::report_status)
TROUPE_MESSAGE(troupe::role::component::status_report)
TROUPE_MESSAGE(troupe::role::component::ready)
TROUPE_MESSAGE(troupe::role::component::stopped)
TROUPE_MESSAGE(troupe::role::component::failed)
