#include <catch2/catch.hpp>

#include <chrono>

#include <troupe/base/backoff.hpp>

#include "actors/peer/core/starts.hpp"

using namespace troupe;
using namespace std::chrono_literals;

TEST_CASE("peer back-off: at once, then 10 ms, doubling up to the bound, shortened at random") {
  backoff pause{100ms};
  CHECK(pause.next(0) == 0ms);
  CHECK(pause.next(0) == 10ms);
  CHECK(pause.next(0) == 20ms);
  CHECK(pause.next(20'000'000) == 20ms);
  CHECK(pause.next(0) == 80ms);
  CHECK(pause.next(0) == 100ms);
  CHECK(pause.next(0) == 100ms);
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const auto wait = pause.next(random * 0x9e3779b97f4a7c15);
    CHECK((wait >= 50ms && wait <= 100ms));
  }
  pause.succeeded();
  CHECK(pause.next(7) == 0ms);
  CHECK(pause.next(0) == 10ms);
}

TEST_CASE("peer starts: a process that was followed by another one is known") {
  peer::starts of_server;
  CHECK_FALSE(of_server.saw(7));
  CHECK_FALSE(of_server.saw(7));
  CHECK_FALSE(of_server.is_superseded(7));
  CHECK_FALSE(of_server.is_superseded(8));
  CHECK(of_server.saw(8));
  CHECK(of_server.is_superseded(7));
  CHECK_FALSE(of_server.is_superseded(8));
}
