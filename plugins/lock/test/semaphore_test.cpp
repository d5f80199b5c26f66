#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace locks;
using namespace locks::test;

namespace {

struct semaphore_world : world {
  using world::world;
  permits_ask wish(troupe::session_id session, std::int32_t count = 1, bool wait = true,
                   std::int32_t permits = 3) {
    return {"/locks/s", count, permits, {session, ""}, ++requests, "", wait};
  }
  answer_or_refusal<permits_taken> take(const permits_ask& ask) {
    return tree.run([&](auto& t) { return acquire_permits(t, rules, ask); });
  }
  answer_or_refusal<bool> give(troupe::session_id session, troupe::zxid token) {
    return tree.run([&](auto& t) {
      return release_permits(t, rules, {"/locks/s", session, token});
    });
  }
};

TEST_CASE("as many as there are permits", "[semaphore]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native}) {
    semaphore_world w{how};
    const auto one = w.tree.open(), two = w.tree.open(), three = w.tree.open();
    const auto a = w.take(w.wish(one, 2)).value();
    CHECK(a.held);
    CHECK(a.leases.size() == 2);
    const auto b = w.take(w.wish(two)).value();
    CHECK(b.held);
    const auto third = w.wish(three, 2);
    CHECK_FALSE(w.take(third).value().held);
    CHECK(kind_of(w.take(w.wish(three, 1, false))) == refusal_kind::busy);
    REQUIRE(w.give(two, b.token).value());
    CHECK_FALSE(w.take(third).value().held);  // two are wanted, one is free
    REQUIRE(w.give(one, a.token).value());
    const auto c = w.take(third).value();
    CHECK(c.held);
    CHECK(c.token > a.token);
    CHECK(w.tree.children(layout_of(how, "/locks/s").leases).size() == 2);
    CHECK(w.tree.children(layout_of(how, "/locks/s").queue).empty());
  }
}

TEST_CASE("a small wish does not pass a large one", "[semaphore]") {
  semaphore_world w;
  const auto one = w.tree.open(), two = w.tree.open(), three = w.tree.open();
  const auto held = w.take(w.wish(one, 2)).value();
  const auto large = w.wish(two, 2);
  CHECK_FALSE(w.take(large).value().held);
  const auto small = w.wish(three, 1);
  CHECK_FALSE(w.take(small).value().held);
  CHECK_FALSE(w.take(small).value().held);
  REQUIRE(w.give(one, held.token));
  CHECK_FALSE(w.take(small).value().held);
  CHECK(w.take(large).value().held);
  CHECK(w.take(small).value().held);
}

TEST_CASE("kazoo's semaphore reads the number of permits from its node", "[semaphore]") {
  semaphore_world w{dialect::kazoo};
  const auto one = w.tree.open();
  REQUIRE(w.take(w.wish(one)).value().held);
  CHECK(w.tree.node("/locks/s")->data.view() == "3");
  CHECK(kind_of(w.take(w.wish(one, 1, true, 4))) == refusal_kind::wrong_permits);
  CHECK(w.take(w.wish(one, 1, true, 0)).value().held);
  CHECK(kind_of(w.take(w.wish(one, 4))) == refusal_kind::over_limit);
}

TEST_CASE("a semaphore without a number of permits has to be given one", "[semaphore]") {
  semaphore_world w;
  const auto one = w.tree.open();
  CHECK(kind_of(w.take(w.wish(one, 1, true, 0))) == refusal_kind::wrong_permits);
  CHECK_FALSE(w.tree.node("/locks/s"));
}

TEST_CASE("resizing: more let others in, fewer take nothing away", "[semaphore]") {
  semaphore_world w;
  const auto one = w.tree.open(), two = w.tree.open();
  const auto size = [&](std::int32_t permits) {
    return w.tree.run([&](auto& t) { return resize(t, w.rules, "/locks/s", permits); });
  };
  const auto held = w.take(w.wish(one, 3)).value();
  const auto waits = w.wish(two, 1, true, 0);
  CHECK_FALSE(w.take(waits).value().held);
  CHECK_FALSE(size(4));
  CHECK(w.take(waits).value().held);
  CHECK_FALSE(size(1));
  CHECK(w.tree.children("/locks/s/leases").size() == 4);
  CHECK(kind_of(w.take(w.wish(two, 1, false, 0))) == refusal_kind::busy);
  CHECK(w.give(one, held.token).value());
  CHECK(size(0)->kind == refusal_kind::over_limit);
}

TEST_CASE("the permits of clients of other makes count", "[semaphore]") {
  semaphore_world w;
  const auto one = w.tree.open(), two = w.tree.open();
  for (const char* path : {"/locks", "/locks/s", "/locks/s/leases", "/locks/s/locks"})
    w.tree.put(path, {}, false);
  const std::string uuid = "_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11";
  w.tree.put("/locks/s/leases/" + uuid + "-lease-", one);
  CHECK(kind_of(w.take(w.wish(two, 3, false))) == refusal_kind::busy);
  CHECK(w.take(w.wish(two, 1, false)).value().held);
  // One that stands in the line is before us, though there is a permit left.
  const auto first = w.tree.put("/locks/s/locks/" + uuid + "-lock-", one);
  CHECK(kind_of(w.take(w.wish(two, 1, false))) == refusal_kind::busy);
  w.tree.erase(first);
  CHECK(w.take(w.wish(two, 1, false)).value().held);
  w.tree.put("/locks/s/leases/mine", one, false);
  CHECK(kind_of(w.take(w.wish(two, 1, false))) == refusal_kind::foreign_node);
}

TEST_CASE("permits: retries, second releases and the end of a wait", "[semaphore]") {
  semaphore_world w;
  const auto one = w.tree.open(), two = w.tree.open();
  const auto wish = w.wish(one, 3);
  const auto held = w.take(wish).value();
  CHECK(w.take(wish).value().token == held.token);
  const auto waits = w.wish(two);
  const auto queued = w.take(waits).value();
  CHECK(w.take(waits).value().queued == queued.queued);
  const auto end = [&](const permits_ask& ask, bool even_if_held) {
    return w.tree.run([&](auto& t) { return withdraw_permits(t, w.rules, ask, even_if_held); });
  };
  CHECK_FALSE(end(waits, false).value().held);
  CHECK(w.tree.children("/locks/s/locks").empty());
  CHECK(end(wish, false).value().held);
  CHECK(kind_of(w.give(two, {9999})) == refusal_kind::not_held);
  CHECK(w.give(one, held.token).value());
  CHECK_FALSE(w.give(one, held.token).value());
  w.take(waits);
  CHECK_FALSE(end(waits, true).value().held);
  CHECK(w.tree.children("/locks/s/leases").empty());
}

}  // namespace
