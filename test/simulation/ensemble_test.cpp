#include <catch2/catch.hpp>

#include <kj/common.h>

#include "test/simulation/ensemble_world.hpp"
#include "test/simulation/world.hpp"

using namespace troupe;

namespace {

constexpr int steps = 14;

/// Seeds that have found something, once. They run always, before the others.
constexpr std::uint64_t kept_seeds[] = {2,   4,   11,  12,  19,  28,   40,  50,
                                        118, 153, 191, 207, 228, 5000, 5076};

}  // namespace

TEST_CASE("simulation: ensembles serve their clients, whatever happens to them") {
  test::run_totals totals;
  const auto at_the_end = kj::defer([&] { totals.print("ensembles"); });
  test::for_each_seed(
      150,
      [&](std::uint64_t seed) {
        test::ensemble_world world{seed, test::options_of_seed(seed), test::builtin_catalog()};
        auto violations = world.run(steps);
        world.add_to(totals);
        return violations;
      },
      kept_seeds);
  // A run in which nothing happens would find nothing.
  CHECK(totals.counts["acknowledged writes"] * 4 > totals.counts["writes"]);
  CHECK(totals.counts["linearizable reads"] > totals.seeds);
}
