#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace locks;
using namespace locks::test;

namespace {

TEST_CASE("a second release is no error, a wrong token is one", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  CHECK(kind_of(w.release(two, held)) == refusal_kind::not_held);
  auto wrong = held;
  wrong.token = {held.token.value + 100};
  CHECK(kind_of(w.release(one, wrong)) == refusal_kind::not_held);
  wrong.token = {};
  CHECK(kind_of(w.release(one, wrong)) == refusal_kind::not_held);
  CHECK(w.release(one, held).value().now);
  CHECK_FALSE(w.release(one, held).value().now);
  // Not even when somebody else holds it by now.
  w.mutex(two);
  CHECK_FALSE(w.release(one, held).value().now);
  CHECK(w.holders().size() == 1);
}

TEST_CASE("the end of a wait takes the place in the line away", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto reader = w.take(w.ask(one, "/locks/a", claim_kind::read));
  const auto writer = w.ask(two, "/locks/a", claim_kind::write);
  w.take(writer);
  const auto behind = w.take(w.ask(w.tree.open(), "/locks/a", claim_kind::read));
  CHECK_FALSE(behind.held);
  const auto done = w.tree.run([&](auto& t) { return withdraw(t, w.rules, {writer, false, {}}); });
  REQUIRE(done);
  CHECK(done.value().withdrawn);
  // Who stood behind has its turn by the same transaction.
  REQUIRE(done.value().after.size() == 1);
  CHECK(done.value().after[0].holders.size() == 2);
  CHECK(reader.held);
}

TEST_CASE("a wait that ends when its turn has come ends with the lock", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  const auto wish = w.ask(two, "/locks/a", claim_kind::mutex);
  w.take(wish);
  REQUIRE(w.release(one, held));
  auto done = w.tree.run([&](auto& t) { return withdraw(t, w.rules, {wish, false, {}}); });
  CHECK(done.value().held);
  CHECK(done.value().locks.at(0).token.value > held.token.value);
  CHECK(w.tree.children("/locks/a").size() == 1);
  done = w.tree.run([&](auto& t) { return withdraw(t, w.rules, {wish, true, {}}); });
  CHECK(done.value().withdrawn);
  CHECK(w.tree.children("/locks/a").empty());
}

TEST_CASE("what a party had before stays when a later wish of it ends", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  w.mutex(one, "/locks/a");
  w.mutex(two, "/locks/b");
  const acquire_ask both{
      {{"/locks/a", claim_kind::mutex}, {"/locks/b", claim_kind::mutex}}, {one, ""}, 99, "", true};
  CHECK_FALSE(all_held(w.acquire(both).value()));
  REQUIRE(w.tree.run([&](auto& t) { return withdraw(t, w.rules, {both, true, {}}); }));
  CHECK(w.holders("/locks/a").at(0).session == one);
  CHECK(w.tree.children("/locks/b").size() == 1);
}

TEST_CASE("a wait is ended for a deadlock only if it still is one", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  const auto wish = w.ask(two, "/locks/a", claim_kind::mutex);
  const auto waits = w.take(wish);
  const auto still = [&](const std::string& holder) {
    return w.tree
        .run([&](auto& t) {
          return withdraw(t, w.rules, {wish, false, {{"/locks/a", waits.name, holder}}});
        })
        .value()
        .withdrawn;
  };
  CHECK_FALSE(still("somebody"));
  CHECK(w.tree.children("/locks/a").size() == 2);
  CHECK(still(held.name));
  CHECK(w.tree.children("/locks/a").size() == 1);
}

TEST_CASE("a lock is handed on with a new token, past those who wait", "[transfer]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native}) {
    world w{how};
    const auto one = w.tree.open(), two = w.tree.open(), three = w.tree.open();
    const auto held = w.mutex(one);
    const auto other = w.mutex(two);
    const auto waiting = w.mutex(three);
    const auto hand = [&](const taken& what, troupe::session_id to) {
      return w.tree.run([&](auto& t) {
        return transfer(t, w.rules, {{"/locks/a", one, what.token}, {to, ""}, ++w.requests, ""});
      });
    };
    const auto done = hand(held, three);
    REQUIRE(done);
    CHECK(done.value().replaced == waiting.name);
    CHECK(done.value().given.token > held.token);
    REQUIRE(w.holders().size() == 1);
    CHECK(w.holders()[0].session == three);
    CHECK(w.holders()[0].token == done.value().given.token);
    CHECK(w.tree.children("/locks/a").size() == 2);
    CHECK(kind_of(hand(held, two)) == refusal_kind::not_held);
    CHECK(w.release(three, done.value().given).value().after.holders.at(0).name == other.name);
  }
}

TEST_CASE("a lock is not handed on to a session that is gone, nor to its holder", "[transfer]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  w.tree.close(two);
  const auto hand = [&](troupe::session_id to) {
    return w.tree.run([&](auto& t) {
      return transfer(t, w.rules, {{"/locks/a", one, held.token}, {to, ""}, 77, ""});
    });
  };
  CHECK(kind_of(hand(two)) == refusal_kind::session_lost);
  CHECK(kind_of(hand(one)) == refusal_kind::bad_request);
  CHECK(w.holders().at(0).token == held.token);
}

TEST_CASE("a holder is asked to give up, or made to", "[release]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  const auto waits = w.mutex(two);
  REQUIRE(w.tree.run([&](auto& t) { return revoke(t, w.rules, "/locks/a", held.token); }));
  CHECK(w.tree.node("/locks/a/" + held.name)->data.view() == "__REVOKE__");
  CHECK(kind_of(w.tree.run([&](auto& t) {
          return take_away(t, w.rules, "/locks/a", {held.token.value + 50});
        })) == refusal_kind::not_held);
  const auto done =
      w.tree.run([&](auto& t) { return take_away(t, w.rules, "/locks/a", held.token); });
  REQUIRE(done);
  CHECK(done.value().after.holders.at(0).name == waits.name);
}

TEST_CASE("only the leader proclaims", "[election]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto leader = w.take(w.ask(one, "/locks/a", claim_kind::leader));
  CHECK(leader.name.find("-latch-") != std::string::npos);
  const auto next = w.take(w.ask(two, "/locks/a", claim_kind::leader));
  const auto say = [&](troupe::session_id who, troupe::zxid term) {
    return w.tree.run([&](auto& t) {
      return proclaim(t, w.rules, {"/locks/a", who, term}, "host:1");
    });
  };
  CHECK(say(one, leader.token).ok());
  CHECK(w.tree.node("/locks/a/" + leader.name)->data.view() == "host:1");
  CHECK(kind_of(say(two, leader.token)) == refusal_kind::not_held);
  CHECK(kind_of(say(two, w.tree.node("/locks/a/" + next.name)->stat.czxid)) ==
        refusal_kind::not_held);
}

}  // namespace
