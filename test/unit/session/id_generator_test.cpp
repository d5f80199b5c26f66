#include <catch2/catch.hpp>

#include "actors/session/core/id_generator.hpp"

using namespace troupe;
using session::id_generator;

TEST_CASE("session ids: the server's id is in the high byte") {
  id_generator ids{server_id{254}, wall_time{1'700'000'000'000}};
  CHECK(ids.next().value >> 56 == 254);
}

TEST_CASE("session ids: they differ and grow") {
  id_generator ids{server_id{1}, wall_time{1'700'000'000'000}};
  auto last = ids.next();
  for (int i = 0; i < 1000; ++i) {
    const auto next = ids.next();
    REQUIRE(next > last);
    last = next;
  }
}

TEST_CASE("session ids: a clock that went back makes no id of a living session") {
  id_generator before{server_id{3}, wall_time{1'700'000'000'000}};
  const auto living = before.next();
  id_generator after{server_id{3}, wall_time{1'600'000'000'000}};
  after.seen(living);
  CHECK(after.next() > living);
}

TEST_CASE("session ids: those of other servers and older ones change nothing") {
  id_generator ids{server_id{3}, wall_time{1'700'000'000'000}};
  id_generator same = ids;
  ids.seen(id_generator{server_id{4}, wall_time{1'800'000'000'000}}.next());
  ids.seen(id_generator{server_id{3}, wall_time{1'600'000'000'000}}.next());
  CHECK(ids.next() == same.next());
}

TEST_CASE("session ids: zero, which means none, is never given") {
  id_generator ids{server_id{1}, wall_time{0}};
  CHECK(ids.next().value != 0);
}
