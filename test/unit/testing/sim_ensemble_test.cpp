/// The fixture that authors of plugins test with, used as they would.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_ensemble.hpp>

using namespace troupe;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

struct quiet {
  quiet() { sdk::log::set_level(sdk::log::level::none); }
  ~quiet() { sdk::log::set_level(sdk::log::level::info); }
};

}  // namespace

TEST_CASE("sim_ensemble: members serve, one leads, and clients see the same", "[testing]") {
  const quiet here;
  sim_ensemble ensemble{1};
  REQUIRE(ensemble.start());
  const auto leader = ensemble.leader();
  REQUIRE(leader);
  const auto other = *leader == 1 ? 2U : 1U;
  REQUIRE(ensemble.client(other).open());
  CHECK(ensemble.client(other).create("/a", "of a follower") == error_code::ok);
  CHECK(ensemble.client(other).create("/a") == error_code::node_exists);
  CHECK(ensemble.client(other).create("/e", "", node_kind::ephemeral) == error_code::ok);
  CHECK(ensemble.run_until([&] { return ensemble.client(*leader).get("/a") == "of a follower"; }));
  CHECK(ensemble.client(*leader).set("/a", "new") == error_code::ok);
  CHECK(ensemble.client(*leader).children("/").size() == 3);
  CHECK(ensemble.client(other).close());
  CHECK_FALSE(ensemble.client(other).session());
  CHECK(ensemble.run_until([&] { return !ensemble.client(*leader).get("/e"); }));
  CHECK(ensemble.client(*leader).remove("/a") == error_code::ok);
}

TEST_CASE("sim_ensemble: watches fire, and are taken", "[testing]") {
  const quiet here;
  sim_ensemble ensemble{2, {.members = 1}};
  REQUIRE(ensemble.start());
  auto& client = ensemble.client(1);
  REQUIRE(client.read(add_watch_op{"/", watch_mode::persistent_recursive}));
  CHECK(client.create("/w") == error_code::ok);
  const auto events = client.take_events();
  REQUIRE(events.size() == 1);
  CHECK(events.front().path == "/w");
  CHECK(client.take_events().empty());
}

TEST_CASE("sim_ensemble: without a majority nobody serves, and who comes back has everything",
          "[testing]") {
  const quiet here;
  sim_ensemble ensemble{3};
  REQUIRE(ensemble.start());
  REQUIRE(ensemble.client(1).create("/kept", "1") == error_code::ok);
  ensemble.crash(2);
  CHECK(ensemble.client(2).create("/no") == error_code::operation_timeout);
  ensemble.pause(3);
  CHECK(ensemble.client(1).create("/x") == error_code::operation_timeout);
  ensemble.restart(2);
  CHECK(ensemble.run_until([&] { return ensemble.leader() && ensemble.client(2).connected(); }));
  CHECK(ensemble.client(2).get("/kept") == "1");
  ensemble.isolate(2);
  CHECK(ensemble.run_until([&] { return !ensemble.client(2).connected(); }));
  REQUIRE(ensemble.heal());
  CHECK(ensemble.client(3).get("/kept") == "1");
}

TEST_CASE("sim_ensemble: what was acknowledged is there after any faults", "[testing]") {
  const quiet here;
  std::size_t faults = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    sim_ensemble ensemble{seed, {.members = seed % 2 == 0 ? 3U : 5U}};
    REQUIRE(ensemble.start());
    ensemble.disturb(20s);
    std::set<std::string> acknowledged;
    for (int i = 0; i < 60; ++i) {
      const auto path = "/n" + std::to_string(i);
      auto& client = ensemble.client(1 + static_cast<std::uint32_t>(i) % ensemble.size());
      if (client.create(path) == error_code::ok) acknowledged.insert(path);
      ensemble.run_for(100ms);
    }
    faults += ensemble.faults();
    REQUIRE(ensemble.heal());
    CHECK(acknowledged.size() > 20);
    for (const auto& path : acknowledged)
      CHECK(ensemble.client(1).get(path));
  }
  CHECK(faults > 50);
}

TEST_CASE("sim_ensemble: the same seed does the same", "[testing]") {
  const quiet here;
  const auto story = [] {
    sim_ensemble ensemble{77};
    (void)ensemble.start();
    ensemble.disturb(5s);
    std::string told;
    for (int i = 0; i < 20; ++i) {
      told += std::to_string(static_cast<int>(ensemble.client(1).create("/" + std::to_string(i))));
      told += "@" + std::to_string(ensemble.world().now().since_start.count()) + " ";
    }
    return told;
  };
  CHECK(story() == story());
}

TEST_CASE("sim_ensemble: a wrong component is said as troupe check does", "[testing]") {
  CHECK_THROWS_WITH((sim_ensemble{1, {.components = "  more: { type: nothing }\n"}}),
                    Catch::Contains("nothing"));
}
