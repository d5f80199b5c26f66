/// Single turns of the desk, with a leader that decides and tells at once.

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>

#include "core/desk.hpp"
#include "support/small_tree.hpp"

using namespace locks;
using namespace locks::test;

namespace {

struct desk_driver {
  /// Decides, and tells the changes before the outcomes, until nothing is left to do.
  void pump() {
    for (auto effects = desk.take_effects(); !effects.decisions.empty() || !effects.answers.empty();
         effects = desk.take_effects()) {
      for (auto& one : effects.answers)
        answers.emplace(one.call, std::move(one.result));
      for (auto& one : effects.decisions) {
        auto outcome = tree.run([&](auto& t) { return decide(t, rules, one.ask); });
        tell();
        desk.decided(one.ticket, std::move(outcome), {tree.now_is().last_zxid});
      }
    }
  }
  void tell() {
    for (const auto& one : tree.changes())
      desk.changed(one.path, one.deleted, {tree.now_is().last_zxid});
  }
  call_number acquire(const party& who, std::vector<std::string> paths, bool wait = true) {
    acquire_ask ask{{}, who, ++requests, "", wait};
    for (auto& path : paths)
      ask.locks.push_back({std::move(path), claim_kind::mutex});
    desk.acquire(++calls, std::move(ask));
    pump();
    return calls;
  }
  call_number permits(const party& who, std::int32_t count) {
    desk.acquire(++calls, permits_ask{"/locks/s", count, 3, who, ++requests, "", true});
    pump();
    return calls;
  }
  const std::vector<taken>* granted(call_number call) {
    const auto found = answers.find(call);
    return found == answers.end() ? nullptr : std::get_if<std::vector<taken>>(&found->second);
  }
  const permits_taken* permitted(call_number call) {
    const auto found = answers.find(call);
    return found == answers.end() ? nullptr : std::get_if<permits_taken>(&found->second);
  }
  const refusal* refused(call_number call) {
    const auto found = answers.find(call);
    return found == answers.end() ? nullptr : std::get_if<refusal>(&found->second);
  }

  mount_rules rules{"/locks", dialect::curator, 100, 100};
  small_tree tree;
  locks::desk desk{rules};
  std::map<call_number, desk::outcome> answers;
  call_number calls = 0;
  std::uint64_t requests = 0;
};

TEST_CASE("one release lets in as many as there is room for", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""}, three{d.tree.open(), ""};
  const auto large = d.permits(one, 3);
  REQUIRE(d.permitted(large));
  const auto small = std::pair{d.permits(two, 1), d.permits(three, 1)};
  CHECK_FALSE(d.permitted(small.first));
  d.tree.run([&](auto& t) {
    return release_permits(t, d.rules, {"/locks/s", one.session, d.permitted(large)->token});
  });
  d.tell();
  d.pump();
  CHECK(d.permitted(small.first));
  CHECK(d.permitted(small.second));
  CHECK(d.desk.waiting() == 0);
}

TEST_CASE("who waits for each other is told so, the youngest only", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""};
  const auto a = d.acquire(one, {"/locks/a"});
  REQUIRE(d.acquire(two, {"/locks/b"}) != 0);
  const auto older = d.acquire(one, {"/locks/b"});
  const auto younger = d.acquire(two, {"/locks/a"});
  REQUIRE(d.refused(younger));
  CHECK(d.refused(younger)->kind == refusal_kind::deadlock);
  CHECK(d.refused(younger)->why.find("/locks/b") != std::string::npos);
  CHECK_FALSE(d.refused(older));
  CHECK(d.granted(a));
  CHECK(d.tree.children("/locks/a").size() == 1);
  CHECK(d.desk.waiting() == 1);
}

TEST_CASE("a lock that is handed to one who waits is given by that wait", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""}, three{d.tree.open(), ""};
  const auto held = d.granted(d.acquire(one, {"/locks/a"}))->front();
  const auto second = d.acquire(two, {"/locks/a"});
  const auto third = d.acquire(three, {"/locks/a"});
  d.desk.expect("/locks/a");
  const auto outcome = d.tree.run([&](auto& t) {
    return transfer(t, d.rules, {{"/locks/a", one.session, held.token}, three, 99, ""});
  });
  REQUIRE(outcome);
  // The changes come first: the node with which it waited is gone.
  d.tell();
  d.desk.moved(outcome.value().replaced, outcome.value().given);
  d.desk.learned(outcome.value().after, {d.tree.now_is().last_zxid});
  d.pump();
  REQUIRE(d.granted(third));
  CHECK(d.granted(third)->front().token == outcome.value().given.token);
  CHECK_FALSE(d.answers.contains(second));
}

TEST_CASE("a wait whose node is taken away ends", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""};
  d.acquire(one, {"/locks/b"});
  const auto both = d.acquire(two, {"/locks/a", "/locks/b"});
  d.tree.erase("/locks/a/" + d.tree.children("/locks/a").front());
  d.tell();
  d.pump();
  REQUIRE(d.refused(both));
  CHECK(d.refused(both)->kind == refusal_kind::session_lost);
  CHECK(d.tree.children("/locks/b").size() == 1);  // it left nothing behind
}

TEST_CASE("a retry beside its first try waits with the same node, and each is answered", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""};
  const auto held = d.granted(d.acquire(one, {"/locks/a"}))->front();
  const auto first = d.acquire(two, {"/locks/a"});
  --d.requests;
  const auto again = d.acquire(two, {"/locks/a"});
  CHECK(d.tree.children("/locks/a").size() == 2);
  d.desk.time_out(first);
  d.pump();
  CHECK(d.refused(first));
  CHECK(d.tree.children("/locks/a").size() == 2);
  d.tree.erase("/locks/a/" + held.name);
  d.tell();
  d.pump();
  CHECK(d.granted(again));
}

TEST_CASE("when the lead is lost everybody is told", "[desk]") {
  desk_driver d;
  const party one{d.tree.open(), ""}, two{d.tree.open(), ""};
  d.acquire(one, {"/locks/a"});
  const auto waits = d.acquire(two, {"/locks/a"});
  d.desk.clear({refusal_kind::not_leader, "gone"});
  d.pump();
  REQUIRE(d.refused(waits));
  CHECK(d.refused(waits)->kind == refusal_kind::not_leader);
  CHECK(d.desk.waiting() == 0);
}

}  // namespace
