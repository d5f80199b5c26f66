#include <catch2/catch.hpp>

#include <algorithm>

#include <troupe/sdk/log.hpp>

#include "test/unit/reactor/toy_deployment.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using test::fail_now;
using test::throw_now;
using test::toy_deployment;
using words = std::vector<std::string>;

namespace {

constexpr auto restart = sdk::failure_policy::restart;

/// Failures are on purpose here; nobody needs to read of them.
struct quiet {
  quiet() { sdk::log::set_level(sdk::log::level::none); }
  ~quiet() { sdk::log::set_level(sdk::log::level::info); }
};

}  // namespace

TEST_CASE("supervisor: starts in wiring order, stops in reverse, one after the other") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}, {"c", {"b"}}}};
  world.start();
  CHECK(world.ready);
  CHECK(world.box.log == words{"make a", "make b", "make c", "start a", "start b", "start c"});
  world.box.log.clear();
  world.stop();
  CHECK(world.box.log == words{"stop c", "end c", "stop b", "end b", "stop a", "end a"});
  REQUIRE(world.outcome);
  CHECK(world.outcome->clean);
}

TEST_CASE("supervisor: is ready only when all components are") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b"}}};
  world.box.behaviour["b"].never_ready = true;
  world.start();
  world.pass(1h);
  CHECK_FALSE(world.ready);
}

TEST_CASE("supervisor: names a component that does not stop, and stops the others") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}, {"c", {"b"}}}};
  world.box.behaviour["b"].never_stops = true;
  world.start();
  world.stop();
  CHECK_FALSE(world.outcome);
  world.pass(10s);
  REQUIRE(world.outcome);
  CHECK_FALSE(world.outcome->clean);
  CHECK(world.outcome->stuck);
  CHECK(world.outcome->reason == "component 'b' did not stop in time");
  CHECK(world.box.log == words{"make a", "make b", "make c", "start a", "start b", "start c",
                               "stop c", "end c", "stop b", "end b", "stop a", "end a"});
}

TEST_CASE("supervisor: a component whose truth is on disk ends the deployment when it fails") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}, {"c", {"b"}}}};
  world.start();
  world.box.log.clear();
  SECTION("by its own word") {
    world.tell("b", fail_now{});
    REQUIRE(world.outcome);
    CHECK(world.outcome->reason == "component 'b' (toy.b): it was told to");
  }
  SECTION("by an exception") {
    world.tell("b", throw_now{});
    REQUIRE(world.outcome);
    CHECK(world.outcome->reason ==
          "component 'b' (toy.b): unexpected exception in a handler: thrown on purpose");
  }
  CHECK_FALSE(world.outcome->clean);
  // What needs it cannot finish anything, so it is not asked to.
  CHECK(world.box.log == words{"end b", "end c", "stop a", "end a"});
}

TEST_CASE("supervisor: does not wait for what is wired to a failed component") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}, {"c", {"b"}}, {"d"}}};
  world.box.behaviour["b"].never_stops = true;
  world.box.behaviour["c"].never_stops = true;
  world.start();
  SECTION("that fails at work") { world.tell("a", fail_now{}); }
  SECTION("that fails during a stop") {
    world.stop();
    CHECK_FALSE(world.outcome);
    world.tell("a", fail_now{});
  }
  REQUIRE(world.outcome);
  CHECK_FALSE(world.outcome->clean);
  CHECK_FALSE(world.outcome->stuck);
  CHECK(world.outcome->reason == "component 'a' (toy.a): it was told to");
}

TEST_CASE("supervisor: makes a failed component anew, later each time, up to a limit") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}}};
  world.start();
  for (const auto delay : {100ms, 200ms, 400ms, 800ms, 1600ms}) {
    world.box.log.clear();
    world.tell("b", fail_now{});
    world.pass(delay - 1ms);
    CHECK(world.box.log == words{"end b"});
    world.pass(1ms);
    CHECK(world.box.log == words{"end b", "make b", "start b"});
  }
  for (int i = 0; i < 20; ++i) {
    world.tell("b", fail_now{});
    world.pass(30s);
  }
  CHECK(world.box.log.back() == "start b");
  CHECK_FALSE(world.outcome);
}

TEST_CASE("supervisor: what is wired to a restarted component starts anew as well") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}, {"c", {"b"}}, {"d", {"c"}}, {"e", {"a"}}}};
  world.start();
  world.box.log.clear();
  world.tell("b", fail_now{});
  world.pass(100ms);
  const auto count = [&](const std::string& what) {
    return std::count(world.box.log.begin(), world.box.log.end(), what);
  };
  for (const std::string name : {"b", "c", "d"}) {
    CAPTURE(name);
    CHECK(count("make " + name) == 1);
    CHECK(count("start " + name) == 1);
    CHECK(count("end " + name) == 1);
  }
  for (const std::string name : {"a", "e"}) {
    CAPTURE(name);
    CHECK(count("make " + name) == 0);
    CHECK(count("end " + name) == 0);
  }
  world.box.log.clear();
  world.stop();
  CHECK(world.box.log == words{"stop e", "end e", "stop d", "end d", "stop c", "end c", "stop b",
                               "end b", "stop a", "end a"});
  REQUIRE(world.outcome);
  CHECK(world.outcome->clean);
}

TEST_CASE("supervisor: a restart that was waited for is not made again after a common one") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}, {"c", {"b"}, restart}}};
  world.start();
  world.tell("b", fail_now{});
  world.pass(50ms);
  world.tell("c", fail_now{});
  world.box.log.clear();
  world.pass(50ms);
  const words once{"make b", "make c", "start b", "start c"};
  CHECK(world.box.log == once);
  world.pass(1s);
  CHECK(world.box.log == once);
}

TEST_CASE("supervisor: a component that never worked is not tried again") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}}};
  world.box.behaviour["b"].never_ready = true;
  world.start();
  world.tell("b", fail_now{});
  REQUIRE(world.outcome);
  CHECK(world.outcome->reason == "component 'b' (toy.b): it was told to");
}

TEST_CASE("supervisor: a stop does not wait for a component that waits for its restart") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}}};
  world.start();
  world.tell("b", fail_now{});
  world.box.log.clear();
  world.stop();
  REQUIRE(world.outcome);
  CHECK(world.outcome->clean);
  CHECK(world.box.log == words{"stop a", "end a"});
  world.pass(1s);
  CHECK(world.box.log.back() == "end a");
}

TEST_CASE("supervisor: collects the status of all components, the failed ones without facts") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, restart}}};
  world.start();
  std::vector<compose::component_status> found;
  const auto collect = [&] {
    found.clear();
    world.running->collect_status([&](auto statuses) { found = std::move(statuses); });
    world.settle();
  };
  collect();
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "a");
  CHECK(found[1].type == "toy.b");
  CHECK(found[1].ready);
  CHECK(found[1].facts == std::vector<std::pair<std::string, std::string>>{{"name", "b"}});

  SECTION("one that waits for its restart") { world.tell("b", fail_now{}); }
  SECTION("one that fails before it has answered") {
    world.box.behaviour["b"].mute = true;
    collect();
    CHECK(found.empty());
    world.tell("b", fail_now{});
    REQUIRE(found.size() == 2);
    CHECK(found[1].facts.empty());
  }
  collect();
  REQUIRE(found.size() == 2);
  CHECK(found[0].facts.size() == 1);
  CHECK(found[1].facts.empty());
}

TEST_CASE("supervisor: an abandoned deployment ends without a word") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}}};
  world.start();
  world.box.log.clear();
  world.running->abandon();
  world.settle();
  CHECK(world.box.log.size() == 2);
  CHECK_FALSE(world.outcome);
}

TEST_CASE("supervisor: nobody waits for a dispensable component, and it is tried again for ever") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, sdk::failure_policy::dispensable}}};
  world.box.behaviour["b"].never_ready = true;
  world.start();
  CHECK(world.ready);
  for (int i = 0; i < 12; ++i) {
    world.box.log.clear();
    world.tell("b", fail_now{});
    world.pass(31s);
    CHECK(world.box.log == words{"end b", "make b", "start b"});
  }
  CHECK_FALSE(world.outcome);
  world.stop();
  REQUIRE(world.outcome);
  CHECK(world.outcome->clean);
}

TEST_CASE("supervisor: a dispensable component that fails while all stop does not spoil the end") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}, sdk::failure_policy::dispensable}}};
  world.box.behaviour["b"].never_stops = true;
  world.start();
  world.stop();
  world.tell("b", fail_now{});
  REQUIRE(world.outcome);
  CHECK(world.outcome->clean);
}

TEST_CASE("supervisor: status does not wait for ever for a component that does not answer") {
  const quiet now;
  toy_deployment world{{{"a"}, {"b", {"a"}}}};
  world.box.behaviour["b"].mute = true;
  world.start();
  std::vector<compose::component_status> found;
  world.running->collect_status([&](auto statuses) { found = std::move(statuses); });
  world.pass(1s);
  CHECK(found.empty());
  world.pass(1s);
  REQUIRE(found.size() == 2);
  CHECK(found[0].answered);
  CHECK_FALSE(found[1].answered);
  CHECK(found[1].facts.empty());
}
