/// What is looked at when everything has healed.
#pragma once

#include <troupe/testing/simulation.hpp>

#include "test/simulation/client.hpp"
#include "test/simulation/history.hpp"

namespace troupe::test {

/// Reads every node of which anything is known, and every child of those that have some, through
/// `reader`, after a sync. What was owned by a session that has ended must be gone.
void look_at_everything(testing::simulation& world, history& facts, sim_client& reader);

}  // namespace troupe::test
