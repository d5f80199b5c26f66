/// Random interleavings of callers, clients of another make, expiries and changes of the leader.

#include <catch2/catch.hpp>

#include <cstdlib>

#include "support/desk_world.hpp"

using namespace locks;
using namespace locks::test;

namespace {

/// `TROUPE_SEEDS` says how many seeds are tried, `TROUPE_FIRST_SEED` which is the first.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* const text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

desk_world::counts explore(const desk_world::options& options) {
  desk_world::counts all;
  const auto first = number_from("TROUPE_FIRST_SEED", 1);
  const auto seeds = number_from("TROUPE_SEEDS", 300);
  for (auto seed = first; seed < first + seeds; ++seed) {
    INFO("seed " << seed << ", dialect " << static_cast<int>(options.how));
    desk_world world{seed, options};
    for (int i = 0; i < 400 && world.violation().empty(); ++i)
      world.step();
    const bool rests = world.come_to_rest();
    REQUIRE(world.violation() == "");
    REQUIRE(rests);
    all.granted += world.happened().granted;
    all.deadlocks += world.happened().deadlocks;
    all.expired += world.happened().expired;
    all.leaders += world.happened().leaders;
    all.fenced += world.happened().fenced;
  }
  return all;
}

TEST_CASE("exclusive locks: tokens exclude, nobody waits for ever", "[property]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native}) {
    const auto happened = explore({how, {claim_kind::mutex}, false, false, 5});
    CHECK(happened.granted > 0);
    CHECK(happened.expired > 0);
    CHECK(happened.leaders > 0);
    CHECK(happened.fenced > 0);
  }
}

TEST_CASE("several locks at once, and rings of those who wait", "[property]") {
  const auto happened = explore({dialect::curator, {claim_kind::mutex}, false, true, 5});
  CHECK(happened.deadlocks > 0);
}

TEST_CASE("readers and writers", "[property]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native})
    explore({how, {claim_kind::write, claim_kind::read, claim_kind::read}, false, true, 5});
}

TEST_CASE("semaphores beside locks", "[property]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native})
    explore({how, {claim_kind::mutex}, true, false, 5});
}

}  // namespace
