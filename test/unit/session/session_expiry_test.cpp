// Which sessions the leader of an ensemble gives up, and when. This server is 1; the tick is 100 ms
// and no timeout is shorter than 4 s.
#include <catch2/catch.hpp>

#include "test/unit/session/session_world.hpp"

using namespace troupe;
using namespace troupe::session::test;
using role::broadcast::server_mode;

namespace {

/// As server 2 would have opened it, and this one.
constexpr std::uint64_t of_two = 2ULL << 56 | 7, own = 1ULL << 56 | 7;

/// Two sessions with a timeout of 6 s, at the leader and at server 2.
struct leader : session_world {
  leader() : session_world(server_mode::leader) {
    open(own, 6s);
    open(of_two, 6s);
  }
  /// Server 2 is there, but says nothing.
  void cut_off_two(milliseconds silence = 2100ms) { ensemble.learners[0].silence = silence; }
};

}  // namespace

TEST_CASE("sessions: while all servers are heard, a session ends in time") {
  leader world;
  world.cut_off_two(1900ms);  // less than a third
  world.pass(6100ms);
  CHECK(world.expired == expiries{own, of_two});
}

TEST_CASE("sessions: the clients of a server that is not heard get time to go elsewhere") {
  leader world;
  // It is silent, it is gone, it does not serve yet, or has not told yet what it heard before.
  const auto why = GENERATE(0, 1, 2, 3);
  CAPTURE(why);
  if (why == 0) world.cut_off_two();
  if (why == 1) world.ensemble.learners.erase(world.ensemble.learners.begin());
  if (why == 2) world.ensemble.learners[0].synced = false;
  if (why == 3) world.ensemble.learners[0].synced_for = 1900ms;
  world.pass(6100ms);
  CHECK(world.expired == expiries{own});
  world.close(own);
  world.pass(3800ms);
  CHECK(world.expired == expiries{own});
  SECTION("once") {
    world.pass(300ms);
    CHECK(world.expired == expiries{own, of_two});
  }
  SECTION("and their full timeout if they do") {
    world.claim(3, of_two, 1, 6s);
    world.pass(5900ms);
    CHECK(world.expired == expiries{own});
    world.pass(300ms);
    CHECK(world.expired == expiries{own, of_two});
  }
}

TEST_CASE("sessions: who was heard of again after such a time gets it again") {
  leader world;
  world.cut_off_two();
  world.pass(6100ms);
  world.close(own);
  world.touch(of_two);
  world.pass(6100ms);
  CHECK(world.expired == expiries{own});
  world.pass(4100ms);
  CHECK(world.expired == expiries{own, of_two});
}

TEST_CASE("sessions: a new leader does not know who has a session, so any server may have it") {
  session_world world{server_mode::follower};
  world.open(of_two, 6s);
  world.serve(server_mode::leader);
  SECTION("one is not heard") {
    world.ensemble.learners[1].silence = 3s;
    world.pass(6100ms);
    CHECK(world.expired.empty());
    world.pass(4100ms);
  }
  SECTION("all are") { world.pass(6100ms); }
  CHECK(world.expired == expiries{of_two});
}
