#include <catch2/catch.hpp>

#include "test/simulation/world.hpp"

using namespace troupe;
using test::crash_world;
using test::fault;

TEST_CASE("simulation: one server survives everything, and no answer was ever untrue") {
  std::size_t writes = 0, acknowledged = 0;
  test::for_each_seed(300, [&](std::uint64_t seed) {
    crash_world world{seed};
    auto violations = world.run();
    writes += world.facts().writes();
    acknowledged += world.facts().acknowledged();
    return violations;
  });
  // A run in which nothing happens would find nothing.
  CHECK(acknowledged > 0);
  CHECK(acknowledged * 10 > writes);
}

TEST_CASE("simulation: the power goes at every single write to the disk") {
  constexpr std::uint64_t first_writes = 120;
  test::for_each_seed(first_writes, [&](std::uint64_t seed) {
    // The same run up to the moment when the power goes.
    crash_world world{1000};
    world.round(fault::power_loss_at, seed - 1);
    // And again while the server recovers from it.
    world.round(fault::power_loss_at, seed % 40);
    return world.finish();
  });
}

TEST_CASE("simulation: a server whose disk is full answers reads, and stops when it is told to") {
  test::for_each_seed(20, [](std::uint64_t seed) {
    crash_world world{seed};
    world.round(fault::none, 0);
    auto& disk = world.server().disk();
    disk.set_capacity(disk.used_bytes() + 1000 * (seed % 40));
    for (int i = 0; i < 4; ++i)
      world.round(fault::none, 0);
    world.round(fault::clean_restart, 0);
    disk.set_capacity(~std::uint64_t{0});
    return world.finish();
  });
}

TEST_CASE("simulation: the same seed does the same") {
  const auto trace = [](std::uint64_t seed) {
    crash_world world{seed};
    world.run();
    return world.trace_hash();
  };
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    CHECK(trace(seed) == trace(seed));
  }
  CHECK(trace(1) != trace(2));
}
