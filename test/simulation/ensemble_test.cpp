#include <catch2/catch.hpp>

#include <iostream>

#include "test/simulation/ensemble_world.hpp"
#include "test/simulation/world.hpp"

using namespace troupe;

TEST_CASE("simulation: three members serve their clients, whatever happens to them") {
  std::size_t writes = 0, acknowledged = 0;
  test::for_each_seed(40, [&](std::uint64_t seed) {
    test::ensemble_world world{seed};
    auto violations = world.run(4);
    writes += world.facts().writes();
    acknowledged += world.facts().acknowledged();
    return violations;
  });
  std::cout << "writes " << writes << ", acknowledged " << acknowledged << '\n';
  CHECK(acknowledged > 0);
  CHECK(acknowledged * 10 > writes);
}
