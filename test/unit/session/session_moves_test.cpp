// Sessions that clients go on with at another server of an ensemble. This server is 1.
#include <catch2/catch.hpp>

#include "test/unit/session/session_world.hpp"

using namespace troupe;
using namespace troupe::session::test;
using role::broadcast::server_mode;

namespace {

/// As server 2 would have opened it, and this one.
constexpr std::uint64_t of_two = 2ULL << 56 | 7, own = 1ULL << 56 | 7;

std::string of(std::uint64_t session, const std::string& what) {
  return std::to_string(session) + " " + what;
}

}  // namespace

TEST_CASE(
    "sessions: a follower asks its leader before it resumes, and the answer is the client's") {
  session_world world{server_mode::follower};
  world.open(7, 4s);
  CHECK(world.resume(7, 100, 1s) == lines{"asks for 7 as 1, 4000 ms"});
  CHECK(world.resume(7, 101) == lines{"asks for 7 as 2, 4000 ms"});
  CHECK(world.answer(1, true, 5s) == lines{"lane: 7 moved", "answer 100: resumed, 5000 ms"});
  CHECK(world.answer(1, true).empty());  // once
  CHECK(world.answer(2, false) == lines{"answer 101: expired"});
  CHECK(world.answer(3, true).empty());  // never asked
}

TEST_CASE("sessions: a follower that lags believes its leader, in both directions") {
  session_world world{server_mode::observer};
  world.open(7, 4s);
  world.resume(7, 100);
  CHECK(world.answer(1, false) == lines{"answer 100: expired"});
  // Not here yet.
  CHECK(world.resume(9, 101) == lines{"asks for 9 as 2, 4000 ms"});
  CHECK(world.answer(2, true) == lines{"lane: 9 moved", "answer 101: resumed, 4000 ms"});
}

TEST_CASE("sessions: whoever has a wrong password learns nothing, and nobody is asked") {
  session_world world{server_mode::follower};
  world.open(7, 4s);
  CHECK(world.resume(7, 100, 4s, "another secret") == lines{"answer 100: expired"});
  CHECK(world.resume(8, 101, 4s, "another secret") == lines{"answer 101: expired"});
}

TEST_CASE("sessions: a follower that has not heard of the first session yet waits for it") {
  session_world world{server_mode::follower, false};
  CHECK(world.resume(7, 100).empty());
  SECTION("which comes") {
    world.learn_secret();
    CHECK(world.take() == lines{"asks for 7 as 1, 4000 ms"});
  }
  SECTION("but not for ever") {
    world.pass(100ms);
    CHECK(world.take() == lines{"answer 100: expired"});
  }
  SECTION("unless it comes to lead, and so knows everything") {
    world.serve(server_mode::leader);
    CHECK(world.take() == lines{"answer 100: expired"});
  }
}

TEST_CASE("sessions: without a leader resumes wait, and the next one is asked again") {
  session_world world{server_mode::follower};
  world.open(7, 4s);
  world.resume(7, 100);
  world.serve(server_mode::starting);
  CHECK(world.resume(7, 101).empty());
  world.serve(server_mode::follower);
  CHECK(world.take() == lines{"asks for 7 as 1, 4000 ms", "asks for 7 as 2, 4000 ms"});
  world.serve(server_mode::starting);
  world.serve(server_mode::leader);
  CHECK(world.take() == lines{"7 writes through 1", "7 moved from 0 to 1", "lane: 7 moved",
                              "answer 100: resumed, 4000 ms", "7 writes through 1",
                              "answer 101: resumed, 4000 ms"});
}

TEST_CASE("sessions: who was heard of while there was no leader is told to the next, once") {
  session_world world{server_mode::follower};
  world.open(7, 4s);
  world.touch(7);
  world.touch(7);
  world.pass(50ms);
  CHECK(world.take() == lines{"touched 7"});
  world.serve(server_mode::starting);
  world.touch(7);
  world.pass(1s);
  world.touch(7);
  world.pass(1s);
  CHECK(world.take().empty());
  world.serve(server_mode::follower);
  world.pass(50ms);
  CHECK(world.take() == lines{"touched 7"});
}

// ZOOKEEPER-710.
TEST_CASE("sessions: the leader says who lives, and tells the server where the session was") {
  session_world world{server_mode::leader};
  world.open(of_two, 4s);
  CHECK(world.claim(3, of_two) == lines{of(of_two, "writes through 3"),
                                        of(of_two, "moved from 2 to 3"),
                                        "tells 3 as 5: alive, 4000 ms"});
  // To the same server: another connection of it, which is its own affair.
  CHECK(world.claim(3, of_two) ==
        lines{of(of_two, "writes through 3"), "tells 3 as 5: alive, 4000 ms"});
  CHECK(world.claim(3, 999) == lines{"tells 3 as 5: gone"});
}

TEST_CASE(
    "sessions: the leader's own gateways are told of what goes on elsewhere, and others back") {
  session_world world{server_mode::leader};
  world.open(own, 4s);
  CHECK(world.claim(2, own) == lines{of(own, "writes through 2"), "lane: " + of(own, "moved"),
                                     "lane: " + of(own, "moved"), "tells 2 as 5: alive, 4000 ms"});
  CHECK(world.resume(own, 100) == lines{of(own, "writes through 1"), of(own, "moved from 2 to 1"),
                                        "lane: " + of(own, "moved"),
                                        "answer 100: resumed, 4000 ms"});
  // The lane is known now: only that one is told.
  CHECK(world.claim(3, own) == lines{of(own, "writes through 3"), "lane: " + of(own, "moved"),
                                     "tells 3 as 5: alive, 4000 ms"});
}

TEST_CASE("sessions: a new leader knows no owners, so all are told, and learns them from claims") {
  session_world world{server_mode::follower};
  world.open(of_two, 4s);
  world.serve(server_mode::leader);
  CHECK(world.claim(3, of_two) ==
        lines{of(of_two, "writes through 3"), of(of_two, "moved from 0 to 3"),
              "lane: " + of(of_two, "moved"), "lane: " + of(of_two, "moved"),
              "tells 3 as 5: alive, 4000 ms"});
  CHECK(world.claim(2, of_two) == lines{of(of_two, "writes through 2"),
                                        of(of_two, "moved from 3 to 2"),
                                        "tells 2 as 5: alive, 4000 ms"});
}

TEST_CASE("sessions: one that is about to expire is resumed for its full timeout, or refused") {
  session_world world{server_mode::leader};
  world.open(of_two, 4s);
  world.pass(3999ms);
  CHECK(world.claim(3, of_two).back() == "tells 3 as 5: alive, 4000 ms");
  world.pass(3999ms);
  CHECK(world.expired.empty());
  world.pass(101ms);
  REQUIRE(world.expired == expiries{of_two});
  // It is there until the end is committed, but lives no more.
  CHECK(world.claim(3, of_two) == lines{"tells 3 as 5: gone"});
  CHECK(world.resume(of_two, 100) == lines{"answer 100: expired"});
}

TEST_CASE("sessions: what others ask before this server knows that it leads is answered then") {
  session_world world{server_mode::follower};
  world.open(of_two, 4s);
  world.serve(server_mode::starting);
  CHECK(world.claim(3, of_two, 6).empty());
  world.serve(server_mode::leader);
  CHECK(world.take().back() == "tells 3 as 6: alive, 4000 ms");
  world.serve(server_mode::starting);
  CHECK(world.claim(3, of_two, 7).empty());
  world.serve(server_mode::starting);  // it did not come to lead, and who asked asks the next one
  world.serve(server_mode::leader);
  CHECK(world.take().empty());
}

TEST_CASE("sessions: timeouts of others are kept within this server's limits") {
  session_world world{server_mode::leader};
  world.open(of_two, 4s);
  CHECK(world.claim(3, of_two, 1, milliseconds::min()).back() == "tells 3 as 1: alive, 4000 ms");
  CHECK(world.claim(3, of_two, 1, milliseconds::max()).back() == "tells 3 as 1: alive, 40000 ms");
}

TEST_CASE("sessions: a former owner sends the connection away, in the lane that has it if known") {
  session_world world{server_mode::follower};
  world.open(of_two, 4s);
  world.others.send(role::broadcast::sessions_moved{{session_id{of_two}}});
  CHECK(world.take() == lines{"lane: " + of(of_two, "moved"), "lane: " + of(of_two, "moved")});
  world.resume(of_two, 100);
  world.answer(1, true);
  world.others.send(role::broadcast::sessions_moved{{session_id{of_two}}});
  CHECK(world.take() == lines{"lane: " + of(of_two, "moved")});
}

TEST_CASE("sessions: a server alone asks nobody and tells nobody") {
  session_world world;
  world.open(own, 4s);
  CHECK(world.resume(own, 100) ==
        lines{"lane: " + of(own, "moved"), "answer 100: resumed, 4000 ms"});
  CHECK(world.resume(own, 101, 4s, session_world::secret, 2) ==
        lines{"lane: " + of(own, "moved"), "answer 101: resumed, 4000 ms"});
  CHECK(world.resume(999, 102) == lines{"answer 102: expired"});
}

TEST_CASE("sessions: a timeout that is negotiated anew gets into the history, once") {
  session_world world{server_mode::leader};
  world.open(of_two, 4s);
  CHECK(world.claim(3, of_two, 5, 9s) ==
        lines{of(of_two, "gets 9000 ms"), of(of_two, "writes through 3"),
              of(of_two, "moved from 2 to 3"), "tells 3 as 5: alive, 9000 ms"});
  world.open(of_two, 9s);
  // It is no new session: it stays where it is.
  CHECK(world.claim(1, of_two, 6, 9s) == lines{of(of_two, "writes through 1"),
                                               of(of_two, "moved from 3 to 1"),
                                               "tells 1 as 6: alive, 9000 ms"});
  CHECK(world.resume(of_two, 100, 5s).front() == of(of_two, "gets 5000 ms"));
}

TEST_CASE("sessions: of timeouts that change faster than the history, the last one holds") {
  session_world world{server_mode::leader};
  world.open(of_two, 4s);
  CHECK(world.resume(of_two, 100, 9s).front() == of(of_two, "gets 9000 ms"));
  CHECK(world.resume(of_two, 101, 5s).front() == of(of_two, "gets 5000 ms"));
  world.open(of_two, 9s);  // the history has the first
  CHECK(world.resume(of_two, 102, 9s).front() == of(of_two, "gets 9000 ms"));
  world.open(of_two, 5s);
  world.open(of_two, 9s);
  world.pass(8900ms);
  CHECK(world.expired.empty());
  world.pass(200ms);
  CHECK(world.expired == expiries{of_two});
}

TEST_CASE("sessions: the next leader has the timeout of the history") {
  session_world world{server_mode::follower};
  world.open(of_two, 4s);
  world.open(of_two, 9s);
  world.serve(server_mode::leader);
  world.pass(8900ms);
  CHECK(world.expired.empty());
  world.pass(200ms);
  CHECK(world.expired == expiries{of_two});
  // A session that is about to end is not brought back by a timeout that comes late.
  world.open(of_two, 12s);
  CHECK(world.claim(3, of_two) == lines{"tells 3 as 5: gone"});
}
