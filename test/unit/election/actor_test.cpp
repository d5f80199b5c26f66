// The actors of the election room, with peers and the broadcast played.
#include <catch2/catch.hpp>

#include "test/unit/election/actor_world.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

namespace {

const sdk::option_values& fast_defaults() {
  static const auto values = sdk::option_values::defaults_of(fast_type().options);
  return values;
}

struct fast_world : actor_world {
  fast_world() : actor_world(fast_type(), fast_defaults()) {}

  /// Server 1 of three, linked with both others, and without a leader.
  void look() {
    take();
    members(1, 3);
    peer.send(role::peer::link_up{{2}, 20});
    peer.send(role::peer::link_up{{3}, 30});
    election.send(role::election::look{1, {5}});
  }
};

}  // namespace

TEST_CASE("election.fast: it attaches to its peers and is ready", "[election][actor]") {
  fast_world world;
  CHECK(world.take() == lines{"attached", "ready"});
}

TEST_CASE("election.fast: notifications go over the links, decisions to the broadcast",
          "[election][actor]") {
  fast_world world;
  world.look();
  CHECK(world.take() == lines{"to 2 on 20: looks 1 for 1@1.5", "to 3 on 30: looks 1 for 1@1.5"});
  world.hear(3, 30, looking(1, for_(3)));
  CHECK(world.take() == lines{"to 2 on 20: looks 1 for 3@1.5", "to 3 on 30: looks 1 for 3@1.5"});
  world.pass(19ms);
  CHECK(world.take().empty());
  world.pass(1ms);
  CHECK(world.take() == lines{"elected 3 in round 1"});
  world.election.send(role::election::settled{{3}, 2});
  world.hear(2, 20, looking(4, for_(2)));
  CHECK(world.take() ==
        lines{"to 3 on 30: has leader 3 of epoch 2", "to 2 on 20: has leader 3 of epoch 2"});
}

TEST_CASE("election.fast: after the death of the leader two servers need no time",
          "[election][actor]") {
  fast_world world;
  world.look();
  world.election.send(role::election::settled{{3}, 2});
  world.take();
  world.peer.send(role::peer::link_down{{3}, 30, "reset"});
  world.election.send(role::election::look{2, {9}});
  CHECK(world.take() == lines{"to 2 on 20: looks 2 for 1@2.9"});
  world.hear(2, 20, looking(2, for_(1, 2, 9)));
  CHECK(world.take() == lines{"elected 1 in round 2"});
}

TEST_CASE("election.fast: votes are repeated while there is no leader", "[election][actor]") {
  fast_world world;
  world.look();
  world.take();
  world.pass(50ms);
  CHECK(world.take() == lines{"to 2 on 20: looks 1 for 1@1.5", "to 3 on 30: looks 1 for 1@1.5"});
  world.pass(99ms);
  CHECK(world.take().empty());
  world.pass(1ms);
  CHECK(world.take().size() == 2);
}

TEST_CASE("election.fast: what comes over a former link does not count", "[election][actor]") {
  fast_world world;
  world.look();
  world.peer.send(role::peer::link_down{{3}, 30, "reset"});
  world.hear(3, 30, looking(1, for_(3)));
  world.peer.send(role::peer::link_up{{3}, 31});
  world.hear(3, 30, looking(1, for_(3)));
  world.peer.send(role::peer::link_down{{3}, 30, "told twice"});
  world.take();
  world.pass(1s);
  for (const auto& line : world.take())
    CHECK(line.find("looks 1 for 1@1.5") != std::string::npos);
  world.hear(3, 31, looking(1, for_(3)));
  CHECK(world.take() == lines{"to 2 on 20: looks 1 for 3@1.5", "to 3 on 31: looks 1 for 3@1.5"});
}

TEST_CASE("election.fast: it may be asked to look before it knows anybody", "[election][actor]") {
  fast_world world;
  world.take();
  world.election.send(role::election::look{1, {5}});
  world.pass(1s);
  CHECK(world.take().empty());
  world.members(1, 1);
  CHECK(world.take() == lines{"elected 1 in round 1"});
}

TEST_CASE("election.fast: a server without identity says so and has no vote", "[election][actor]") {
  fast_world world;
  world.take();
  world.members(1, 2);
  world.peer.send(role::peer::link_up{{2}, 20});
  world.election.send(role::election::look{0, {}, true, false});
  CHECK(world.take() == lines{"to 2 on 20: blank, looks 1 for 0@0.0"});
  world.hear(2, 20, blank(1));
  CHECK(world.take() == lines{"to 2 on 20: blank, looks 1 for 1@0.0"});
}

TEST_CASE("election.fast: a server that must not lead says nothing of itself",
          "[election][actor]") {
  fast_world world;
  world.take();
  world.members(1, 1);
  world.election.send(role::election::look{1, {5}, false});
  world.pass(1s);
  CHECK(world.take().empty());
}

TEST_CASE("election.fast: bytes that are no notification are counted and harm nobody",
          "[election][actor]") {
  fast_world world;
  world.look();
  world.take();
  world.peer.send(role::peer::received{
      {2}, 20, {blob{std::string_view{"nonsense"}}, blob{}, codec::encode(looking(1, for_(2)))}});
  CHECK(world.take().size() == 2);  // the one that made sense
  world.component.send(role::component::report_status{1});
  CHECK(world.take() ==
        lines{"stage looking", "round 1", "vote 2", "linked_peers 2", "refused_total 2"});
}

TEST_CASE("election.fast: one that is another server to its peers does not start",
          "[election][actor]") {
  fast_world world;
  world.take();
  world.members(2, 3);
  CHECK(world.take() == lines{"failed: this is server 1 by node.id, but server 2 to the component "
                              "with role peer"});
}

TEST_CASE("election.fast: the first repetition must not be later than the longest wait",
          "[election][actor]") {
  auto options = fast_defaults();
  options.set("repeat.first", nanoseconds{2s});
  const auto problems = fast_type().check(options);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].option == "repeat.first");
  CHECK(fast_type().check(fast_defaults()).empty());
}

// ------------------------------------------------------------ election.fixed

namespace {

sdk::option_values fixed_options(std::int64_t leader) {
  auto options = sdk::option_values::defaults_of(fixed_type().options);
  options.set("leader", leader);
  return options;
}

}  // namespace

TEST_CASE("election.fixed: the leader is the one of the deployment", "[election][actor]") {
  const auto options = fixed_options(3);
  actor_world world{fixed_type(), options};
  CHECK(world.take() == lines{"ready"});
  world.election.send(role::election::look{1, {5}});
  CHECK(world.take() == lines{"elected 3 in round 1"});
}

TEST_CASE("election.fixed: asked again at once it takes its time", "[election][actor]") {
  const auto options = fixed_options(3);
  actor_world world{fixed_type(), options};
  world.election.send(role::election::look{1, {5}});
  world.take();
  world.election.send(role::election::look{1, {5}});
  world.election.send(role::election::look{1, {5}});
  world.pass(49ms);
  CHECK(world.take().empty());
  world.pass(1ms);
  CHECK(world.take() == lines{"elected 3 in round 2"});
  world.election.send(role::election::look{1, {5}});
  world.election.send(role::election::settled{{3}, 2});
  world.pass(1s);
  CHECK(world.take().empty());
}

TEST_CASE("election.fixed: a leader that must not lead is not elected", "[election][actor]") {
  const auto options = fixed_options(1);
  actor_world world{fixed_type(), options};
  world.take();
  world.election.send(role::election::look{1, {5}, false});
  world.pass(1s);
  CHECK(world.take().empty());
}
