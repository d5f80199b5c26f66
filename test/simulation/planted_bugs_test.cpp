#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

#include "test/simulation/planted_bugs.hpp"
#include "test/simulation/world.hpp"

using namespace troupe;
using test::crash_world;
using test::fault;

TEST_CASE("simulation: planted bugs are found") {
  constexpr std::uint64_t within = 60;
  for (const auto& bug : test::planted_bugs()) {
    DYNAMIC_SECTION(bug.name) {
      const auto types = test::catalog_with(bug);
      const auto plan = test::crash_plan(types);
      test::world_options options;
      options.plan = &plan;
      options.faults = {fault::none, fault::power_loss, fault::power_loss_at,
                        fault::broken_network};
      std::uint64_t found_by = 0;
      for (std::uint64_t seed = 1; seed <= within && found_by == 0; ++seed) {
        const auto violations = crash_world{seed, options}.run();
        const bool found = std::any_of(violations.begin(), violations.end(), [&](const auto& v) {
          return v.find(bug.finding) != std::string::npos;
        });
        if (found) found_by = seed;
      }
      std::cout << "planted bug " << bug.name << ": found by seed " << found_by << '\n';
      CHECK(found_by != 0);
    }
  }
}
