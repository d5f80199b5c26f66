#include <catch2/catch.hpp>

#include "test/unit/session/session_world.hpp"

using namespace troupe;
using namespace troupe::session::test;

TEST_CASE("sessions: one that is not heard of expires after its timeout, within a tick") {
  session_world world;
  world.open(7, 4s);
  world.pass(3s);
  world.touch(7);
  world.pass(3999ms);
  CHECK(world.expired.empty());
  world.pass(101ms);
  CHECK(world.expired == expiries{7});
}

TEST_CASE("sessions: after a pause of the server clients are heard before any is given up") {
  session_world world;
  world.open(7, 4s);
  world.open(8, 4s);
  world.pause(60s);
  world.settle();
  CHECK(world.expired.empty());
  world.touch(7);  // it was in the socket all the time
  // Nothing that happens meanwhile puts it off again.
  for (std::uint64_t other = 9; other < 12; ++other) {
    world.pass(40ms);
    world.open(other, 4s);
  }
  CHECK(world.expired == expiries{8});
  world.close(8);
  world.pass(3800ms);
  CHECK(world.expired == expiries{8});
  world.pass(300ms);
  CHECK(world.expired == expiries{8, 7, 9, 10, 11});
}

TEST_CASE("sessions: only the leader expires them, with a full timeout after an election") {
  using role::broadcast::server_mode;
  session_world world{server_mode::follower};
  world.open(7, 4s);
  world.open(8, 4s);
  world.pass(60s);
  CHECK(world.expired.empty());
  world.serve(server_mode::starting);
  world.pass(60s);
  CHECK(world.expired.empty());
  world.serve(server_mode::leader);
  world.pass(3s);
  world.touch(7);
  world.pass(999ms);
  CHECK(world.expired.empty());
  world.pass(101ms);
  CHECK(world.expired == expiries{8});
  // Another one leads now, and decides about both.
  world.serve(server_mode::starting);
  world.serve(server_mode::follower);
  world.pass(60s);
  CHECK(world.expired == expiries{8});
  // What was closing here was never closed.
  world.serve(server_mode::leader);
  world.pass(3999ms);
  CHECK(world.expired == expiries{8});
  world.pass(101ms);
  CHECK(world.expired == expiries{8, 7, 8});
}
