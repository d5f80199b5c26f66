#include <catch2/catch.hpp>

#include <set>

#include "actors/session/core/id_generator.hpp"

using namespace troupe;
using session::id_generator;

TEST_CASE("session ids: the server's id is in the high byte") {
  id_generator ids{server_id{254}};
  CHECK(ids.next(1).value >> 56 == 254);
}

TEST_CASE("session ids: ZOOKEEPER-1622 nothing spills into the server's byte") {
  // High bits of both: with signed numbers, shifting would fill the byte above them.
  for (const std::uint32_t server : {1U, 0x80U, 0xffU}) {
    for (const std::uint32_t start : {0U, 0x800000U, 0xffffffU, 0x80000000U, 0xffffffffU}) {
      id_generator ids{server_id{server}};
      const auto id = ids.next(start);
      CHECK(session::opened_at(id) == server_id{server});
      CHECK((id.value >> 32 & 0xffffff) == (start & 0xffffff));
    }
  }
}

TEST_CASE("session ids: they differ, also between starts and servers") {
  std::set<session_id> given;
  for (std::uint32_t server = 1; server <= 3; ++server) {
    for (std::uint32_t start = 1; start <= 3; ++start) {
      id_generator ids{server_id{server}};
      for (int i = 0; i < 100; ++i)
        REQUIRE(given.insert(ids.next(start)).second);
    }
  }
}

TEST_CASE("session ids: zero, which means none, is never given") {
  id_generator ids{server_id{1}};
  CHECK(ids.next(0));
}
