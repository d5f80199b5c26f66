/// The built-in component types, with every tree watched.
#pragma once

#include <troupe/sdk/component_type.hpp>

#include "test/simulation/ensemble_watch.hpp"

namespace troupe::test {

/// `types` with a `tree.znode` that tells `watch` everything that it hears, and passes it on.
/// `watch` outlives the servers.
sdk::catalog watched_types(const sdk::catalog& types, ensemble_watch& watch);

}  // namespace troupe::test
