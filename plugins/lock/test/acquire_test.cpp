#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace locks;
using namespace locks::test;

namespace {

constexpr const char* plain_curator = "/locks/a/_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11-lock-";

TEST_CASE("a free lock is held at once, the next waits its turn", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto first = w.mutex(one);
  CHECK(first.held);
  CHECK(first.token == w.tree.node("/locks/a/" + first.name)->stat.czxid);
  CHECK(w.tree.node("/locks/a")->kind == troupe::node_kind::container);
  const auto second = w.mutex(two);
  CHECK_FALSE(second.held);
  const auto done = w.release(one, first);
  REQUIRE(done);
  CHECK(done.value().now);
  REQUIRE(done.value().after.holders.size() == 1);
  CHECK(done.value().after.holders[0].name == second.name);
  CHECK(done.value().after.holders[0].session == two);
  CHECK(done.value().after.holders[0].token > first.token);
}

TEST_CASE("who does not wait leaves nothing behind", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  w.mutex(one);
  const auto before = w.tree.now_is().last_zxid;
  CHECK(kind_of(w.acquire(w.ask(two, "/locks/a", claim_kind::mutex, false))) == refusal_kind::busy);
  CHECK(w.tree.now_is().last_zxid == before);
}

TEST_CASE("a retry finds what the first one made", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto wish = w.ask(one, "/locks/a", claim_kind::mutex);
  const auto first = w.take(wish);
  const auto again = w.take(wish);
  CHECK(again.name == first.name);
  CHECK(again.token == first.token);
  CHECK_FALSE(again.made);
  const auto waits = w.ask(two, "/locks/a", claim_kind::mutex);
  CHECK(w.take(waits).name == w.take(waits).name);
  CHECK(w.tree.children("/locks/a").size() == 2);
}

TEST_CASE("a party holds again what it holds, and another of its session waits", "[acquire]") {
  world w;
  const auto one = w.tree.open();
  const auto first = w.take(w.ask(one, "/locks/a", claim_kind::mutex, true, "x"));
  const auto again = w.take(w.ask(one, "/locks/a", claim_kind::mutex, false, "x"));
  CHECK(again.token == first.token);
  CHECK_FALSE(w.take(w.ask(one, "/locks/a", claim_kind::mutex, true, "y")).held);
}

TEST_CASE("readers share until a writer comes", "[acquire]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native}) {
    world w{how};
    const auto s = [&] { return w.tree.open(); };
    const auto reads = [&](troupe::session_id of) {
      return w.take(w.ask(of, "/locks/a", claim_kind::read));
    };
    const auto a = s(), b = s(), c = s(), d = s();
    const auto first = reads(a);
    const auto second = reads(b);
    CHECK((first.held && second.held));
    const auto writer = w.take(w.ask(c, "/locks/a", claim_kind::write));
    CHECK_FALSE(writer.held);
    CHECK_FALSE(reads(d).held);  // fair: not past the writer
    REQUIRE(w.release(a, first));
    CHECK(w.holders().size() == 1);
    const auto after = w.release(b, second).value().after.holders;
    REQUIRE(after.size() == 1);
    CHECK(after[0].name == writer.name);
    CHECK(w.release(c, {"/locks/a", writer.name, after[0].token, true, true, {}})
              .value()
              .after.holders.at(0)
              .session == d);
  }
}

TEST_CASE("the maximal prefix of readers gets its turn at once", "[acquire]") {
  world w;
  const auto writer = w.tree.open();
  const auto held = w.take(w.ask(writer, "/locks/a", claim_kind::write));
  for (int i = 0; i < 3; ++i)
    w.take(w.ask(w.tree.open(), "/locks/a", claim_kind::read));
  w.take(w.ask(w.tree.open(), "/locks/a", claim_kind::write));
  w.take(w.ask(w.tree.open(), "/locks/a", claim_kind::read));
  CHECK(w.release(writer, held).value().after.holders.size() == 3);
}

TEST_CASE("a writer may go on as a reader, a reader not as a writer", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto write = w.take(w.ask(one, "/locks/a", claim_kind::write));
  const auto other = w.take(w.ask(two, "/locks/a", claim_kind::write));
  const auto read = w.take(w.ask(one, "/locks/a", claim_kind::read));
  CHECK(read.held);
  // As Curator has it: the number of the writer.
  CHECK(read.name.substr(read.name.size() - 10) == write.name.substr(write.name.size() - 10));
  CHECK(w.holders().size() == 2);
  const auto after = w.release(one, write).value().after.holders;
  REQUIRE(after.size() == 1);
  CHECK(after[0].name == read.name);
  CHECK(kind_of(w.acquire(w.ask(one, "/locks/a", claim_kind::write))) == refusal_kind::wrong_kind);
  CHECK(w.release(one, read).value().after.holders.at(0).name == other.name);
}

TEST_CASE("clients of other makes stand in the same line", "[acquire]") {
  world w;
  const auto [curator, native] = std::pair{w.tree.open(), w.tree.open()};
  w.tree.put("/locks", {}, false);
  w.tree.put("/locks/a", {}, false);
  const auto node = w.tree.put(plain_curator, curator);
  const auto waits = w.mutex(native);
  CHECK_FALSE(waits.held);
  w.tree.erase(node);
  REQUIRE(w.holders().size() == 1);
  CHECK(w.holders()[0].name == waits.name);
}

TEST_CASE("below a node of another dialect nobody is given anything", "[acquire]") {
  world w;
  const auto one = w.tree.open();
  for (const char* path : {"/locks", "/locks/a"})
    w.tree.put(path, {}, false);
  w.tree.put("/locks/a/6a2f1c0e7d574a8e9a522f0a3f3d9b11__lock__", one);
  const auto answer = w.acquire(w.ask(one, "/locks/a", claim_kind::mutex));
  CHECK(kind_of(answer) == refusal_kind::foreign_node);
  CHECK(answer.error().why.find("__lock__0000000000") != std::string::npos);
}

TEST_CASE("a lock of one kind is not used as one of another", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  w.mutex(one);
  for (const auto kind : {claim_kind::read, claim_kind::write, claim_kind::leader})
    CHECK(kind_of(w.acquire(w.ask(two, "/locks/a", kind))) == refusal_kind::wrong_kind);
}

TEST_CASE("several locks: all or none, in one order", "[acquire]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto both = [&](troupe::session_id of, bool wait) {
    return acquire_ask{{{"/locks/b", claim_kind::mutex}, {"/locks/a", claim_kind::mutex}},
                       {of, ""},
                       ++w.requests,
                       "",
                       wait};
  };
  const auto b = w.mutex(one, "/locks/b");
  CHECK(kind_of(w.acquire(both(two, false))) == refusal_kind::busy);
  CHECK(w.tree.children("/locks/a").empty());
  const auto waiting = w.acquire(both(two, true)).value();
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].path == "/locks/a");
  CHECK(waiting[0].held);
  CHECK_FALSE(waiting[1].held);
  REQUIRE(w.release(one, b));
  CHECK(w.holders("/locks/b").at(0).session == two);
  const auto all = w.acquire(both(w.tree.open(), true)).value();
  CHECK_FALSE(all_held(all));
}

TEST_CASE("asks that contradict themselves are refused", "[acquire]") {
  world w;
  const auto one = w.tree.open();
  auto ask = w.ask(one, "/locks/a", claim_kind::mutex);
  ask.request = 0;
  CHECK(kind_of(w.acquire(ask)) == refusal_kind::bad_request);
  ask = w.ask(one, "/locks/a", claim_kind::mutex);
  ask.locks.push_back({"/locks/a", claim_kind::read});
  CHECK(kind_of(w.acquire(ask)) == refusal_kind::bad_request);
  ask.locks.clear();
  CHECK(kind_of(w.acquire(ask)) == refusal_kind::bad_request);
  for (const char* path : {"", "/", "/locks", "/locksmith/a", "/other", "/locks/", "/locks/../x"})
    CHECK(kind_of(w.acquire(w.ask(one, path, claim_kind::mutex))) == refusal_kind::bad_path);
}

TEST_CASE("a session that is gone is given nothing", "[acquire]") {
  world w;
  const auto one = w.tree.open();
  w.tree.close(one);
  CHECK(kind_of(w.acquire(w.ask(one, "/locks/a", claim_kind::mutex))) ==
        refusal_kind::session_lost);
}

TEST_CASE("a lock has no more claims than the mount allows", "[acquire]") {
  world w;
  w.rules.max_claims = 2;
  w.mutex(w.tree.open());
  w.mutex(w.tree.open());
  CHECK(kind_of(w.acquire(w.ask(w.tree.open(), "/locks/a", claim_kind::mutex))) ==
        refusal_kind::over_limit);
}

TEST_CASE("a lock whose numbers are used up refuses instead of changing the order", "[acquire]") {
  world w;
  const auto one = w.tree.open();
  w.mutex(one);
  auto state = w.tree.now_is();
  state.nodes["/locks/a"].children_created = -2147483647 - 1;
  w.tree.go_back_to(state);
  CHECK_THROWS_AS(w.mutex(w.tree.open()), troupe::decision_refused);
  CHECK(w.tree.children("/locks/a").size() == 1);
}

}  // namespace
