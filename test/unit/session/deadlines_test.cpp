#include <catch2/catch.hpp>

#include <map>

#include <troupe/base/prng.hpp>

#include "actors/session/core/deadlines.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using session::deadlines;

namespace {

constexpr session_id one{1}, two{2};

monotonic_time at(nanoseconds t) { return {t}; }

}  // namespace

TEST_CASE("deadlines: a session expires at the first tick after its timeout, never before") {
  deadlines calendar{500ms};
  calendar.opened(one, 4000ms, at(100ms));
  CHECK(calendar.expire(at(4100ms - 1ns)).empty());
  CHECK(calendar.expire(at(4499ms)).empty());
  CHECK(calendar.next() == at(4500ms));
  CHECK(calendar.expire(at(4500ms)) == std::vector{one});
}

TEST_CASE("deadlines: one that falls on a tick is not put off to the next") {
  deadlines calendar{500ms};
  calendar.opened(one, 4000ms, at(0ms));
  CHECK(calendar.next() == at(4000ms));
}

TEST_CASE("deadlines: a touch gives a full timeout from then") {
  deadlines calendar{100ms};
  calendar.opened(one, 1000ms, at(0ms));
  calendar.touch(one, at(950ms));
  CHECK(calendar.expire(at(1900ms)).empty());
  CHECK(calendar.expire(at(2000ms)) == std::vector{one});
}

TEST_CASE("deadlines: whoever expires is closing and cannot be touched or resumed") {
  deadlines calendar{100ms};
  calendar.opened(one, 1000ms, at(0ms));
  REQUIRE(calendar.expire(at(1000ms)) == std::vector{one});
  CHECK_FALSE(calendar.alive(one));
  CHECK(calendar.find(one) != nullptr);
  CHECK(calendar.list().empty());

  // Asked for again a timeout later, whatever the client sends meanwhile.
  calendar.touch(one, at(1500ms));
  CHECK(calendar.expire(at(2099ms)).empty());
  CHECK(calendar.expire(at(2100ms)) == std::vector{one});

  calendar.closed(one);
  CHECK(calendar.find(one) == nullptr);
  CHECK(calendar.next() == at(nanoseconds::max()));
}

TEST_CASE("deadlines: resuming negotiates a new timeout and tells the former owner") {
  deadlines calendar{100ms};
  calendar.opened(one, 1000ms, at(0ms));
  using owner = session::session_owner;
  const owner gateway{{1}, 7}, other{{1}, 8}, elsewhere{{2}, 0};
  CHECK(calendar.resume(one, gateway, 3000ms, at(500ms)) == owner{});
  CHECK(calendar.resume(one, other, 3000ms, at(500ms)) == gateway);
  CHECK(calendar.resume(one, elsewhere, 3000ms, at(600ms)) == other);
  CHECK(calendar.moved(one, gateway) == elsewhere);
  CHECK(calendar.moved(two, gateway) == owner{});
  CHECK(calendar.expire(at(3500ms)).empty());
  CHECK(calendar.expire(at(3600ms)) == std::vector{one});
}

TEST_CASE("deadlines: a shorter timeout counts from the resumption") {
  deadlines calendar{100ms};
  calendar.opened(one, 10'000ms, at(0ms));
  calendar.resume(one, {{1}, 7}, 1000ms, at(0ms));
  CHECK(calendar.expire(at(1000ms)) == std::vector{one});
}

TEST_CASE("deadlines: a new leader gives everybody a full timeout, the closing too") {
  deadlines calendar{100ms};
  calendar.opened(one, 1000ms, at(0ms));
  calendar.opened(two, 5000ms, at(0ms));
  REQUIRE(calendar.expire(at(1000ms)) == std::vector{one});
  calendar.restart_all(at(4900ms));
  CHECK(calendar.alive(one));
  CHECK(calendar.expire(at(5899ms)).empty());
  CHECK(calendar.expire(at(5900ms)) == std::vector{one});
  CHECK(calendar.expire(at(9900ms)) == std::vector{one, two});
}

TEST_CASE("deadlines: unknown sessions are left alone") {
  deadlines calendar{100ms};
  calendar.touch(one, at(0ms));
  calendar.closed(one);
  CHECK(calendar.size() == 0);
  CHECK(calendar.expire(at(1h)).empty());
}

TEST_CASE("deadlines: any mix of events agrees with a table of last touches") {
  const auto seed = GENERATE(range(0, 20));
  CAPTURE(seed);
  prng random{static_cast<std::uint64_t>(seed)};
  constexpr auto tick = 50ms;
  deadlines calendar{tick};
  struct entry {
    nanoseconds touched, timeout;
  };
  std::map<session_id, entry> model;
  nanoseconds now{0};
  for (int step = 0; step < 2000; ++step) {
    now += nanoseconds{random.below(20'000'000)};
    const session_id who{1 + random.below(20)};
    const auto known = model.find(who);
    switch (random.below(4)) {
    case 0:
      if (known == model.end()) {
        const milliseconds timeout{100 + random.below(400)};
        calendar.opened(who, timeout, at(now));
        model[who] = {now, timeout};
      }
      break;
    case 1:
      calendar.touch(who, at(now));
      if (known != model.end()) known->second.touched = now;
      break;
    case 2:
      if (random.chance(1, 5)) {
        calendar.closed(who);
        model.erase(who);
      }
      break;
    default:
      for (const auto gone : calendar.expire(at(now))) {
        REQUIRE(model.contains(gone));
        CHECK(now >= model[gone].touched + model[gone].timeout);
        calendar.closed(gone);
        model.erase(gone);
      }
      for (const auto& [session, left] : model) {
        CHECK(now < left.touched + left.timeout + tick);
      }
    }
    REQUIRE(calendar.size() == model.size());
  }
}
