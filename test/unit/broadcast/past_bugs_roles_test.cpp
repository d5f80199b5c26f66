// Bugs that ZooKeeper has had, played on this core (docs/zookeeper-bugs.md): the old role ends
// before the new one begins; who counts; how long anybody waits.
#include <catch2/catch.hpp>

#include <functional>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

constexpr server_id four{4};

verdict refusal(zxid after = {}) {
  verdict no;
  no.after = after;
  return no;
}

}  // namespace

TEST_CASE("zab: ZOOKEEPER-4409, 4541, 4712 the disk's late answers belong to nobody else") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  it.core.link_up(three);
  it.core.link_down(one);
  // Somebody else leads already, but this server's log is not at rest.
  it.core.elected(three);
  CHECK(it.does().empty());
  CHECK(it.persists(zxid::of(1, 1)) == "look");
  it.core.elected(three);
  CHECK(it.does() == "join to 3");
  const auto present = it.conversation;
  CHECK(it.hears(three, new_epoch{3, false}) == "write 3/1");
  // Of the conversation before, and of the leader before: nothing.
  it.core.received(three, {present - 1, new_leader{3, {}, 0}});
  it.core.received(one, {present - 1, entries{{txn(1, 2)}}});
  CHECK(it.does().empty());
  CHECK(it.writes({3, 1, true, true}) == "promised to 3");
  CHECK(it.core.log().last() == zxid::of(1, 1));
}

TEST_CASE("zab: ZOOKEEPER-4541, 4712 a learner that begins anew acknowledges nothing from before") {
  script it{one};
  it.leads();
  const auto before = it.conversation;
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  it.persists(zxid::of(2, 1));
  it.conversation = before + 1;
  it.hears(two, join{2, 2, {}, true, false, true});
  it.core.received(two, {before, durable{zxid::of(2, 1)}});
  it.core.received(two, {before, pong{2}});
  CHECK(it.does().empty());
  CHECK(it.core.log().committed() == zxid{});
}

TEST_CASE("zab: ZOOKEEPER-3531, 3598 a role can end at any step, and the next can begin") {
  script once{two};
  const std::vector<std::function<void(script&)>> steps{
      [](script& it) { it.core.link_up(one); },
      [](script& it) { it.core.elected(one); },
      [](script& it) {
        it.hears(one, new_epoch{2, false});
      },
      [](script& it) {
        it.writes({2, 1, true, true});
      },
      [](script& it) { it.hears(one, entries{{txn(1, 1)}}); },
      [](script& it) {
        it.hears(one, new_leader{2, {}, 0});
      },
      [](script& it) { it.persists(zxid::of(1, 1)); },
      [](script& it) {
        it.writes({2, 2, true, true});
      },
      [](script& it) {
        it.hears(one, commit{zxid::of(1, 1), {}});
      },
      [](script& it) { it.hears(one, entries{{txn(2, 1)}}); },
  };
  for (std::size_t played = 2; played <= steps.size(); ++played) {
    CAPTURE(played);
    script it{two};
    it.core.start();
    for (std::size_t i = 0; i < played; ++i)
      steps[i](it);
    it.does();
    const bool waits = played == 3 || played == 5 || played == 6 || played == 7 || played == 10;
    it.core.link_down(one);
    const auto said = it.does();
    CHECK((said == "look" || said == "serve no more, look") == !waits);
    if (played == 3) CHECK(it.writes({2, 1, true, true}) == "look");
    if (played == 5 || played == 6) CHECK(it.persists(zxid::of(1, 1)) == "look");
    if (played == 7) CHECK(it.writes({2, 2, true, true}) == "look");
    if (played == 10) CHECK(it.persists(zxid::of(2, 1)) == "look");
    it.core.link_up(three);
    it.core.elected(three);
    CHECK(it.does() == "join to 3");
  }
}

TEST_CASE("zab: ZOOKEEPER-2959 who is no voter counts nowhere") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.core.link_up(four);
  it.does();
  CHECK(it.hears(four, join{9, 1, {}, true, false, true}).empty());
  CHECK(it.hears(two, join{1, 1, {}, true, false, true}) == "write 10/1");
  CHECK(it.writes({10, 1, true, true}) == "new epoch to 2, new epoch to 4");
  CHECK(it.hears(four, epoch_promised{10, false, 1, {}, {}, {}}).empty());
  CHECK(it.hears(two, epoch_promised{10, false, 1, {}, {}, {}}) == "write 10/10");
  it.writes({10, 10, true, true});
  CHECK(it.hears(four, leader_accepted{10}).empty());
  CHECK(it.hears(two, leader_accepted{10}) ==
        "lead, serve, commit to 2, commit to 4, ping to 2, ping to 4");
  it.core.proposed(10, {txn(10, 1), refusal(zxid::of(10, 1))});
  it.does();
  it.persists(zxid::of(10, 1));
  CHECK(it.hears(four, pong{1}) == "ping to 2, ping to 4");
  CHECK(it.hears(four, pong{2}).empty());
  CHECK(it.hears(four, durable{zxid::of(10, 1)}).empty());
  CHECK(it.hears(two, durable{zxid::of(10, 1)}) == "commit to 2, commit to 4, deliver");
  CHECK(it.hears(two, pong{2}) == "deliver");  // the refusal
}

TEST_CASE("zab: ZOOKEEPER-3109 nobody waits for ever for those who changed their minds") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  SECTION("a leader that nobody joins") {
    it.core.at({1s + settings{}.sync_limit});
    it.core.tick();
    CHECK(it.does().empty());
    it.core.at({1s + settings{}.sync_limit + 1ns});
    it.core.tick();
    CHECK(it.does() == "look");
  }
  SECTION("a leader to whom nobody promises") {
    it.hears(two, join{1, 1, {}, true, false, true});
    it.writes({2, 1, true, true});
    it.core.link_down(two);
    it.core.at({1s + settings{}.init_limit + 1ns});
    it.core.tick();
    CHECK(it.does() == "look");
  }
  SECTION("a learner whose leader follows another one hears so at once") {
    it.core.elected(two);
    it.does();
    CHECK(it.hears(three, join{1, 1, {}, true, false, true}) == "leave to 3");
  }
  SECTION("a learner whose leader says nothing") {
    it.core.elected(two);
    CHECK(it.does() == "join to 2");
    it.core.at({1s + settings{}.init_limit + 1ns});
    it.core.tick();
    CHECK(it.does() == "leave to 2, look");
  }
}

TEST_CASE("zab: ZOOKEEPER-1675, 2136, 3600 a leader that is cut off answers no sync") {
  script it{one};
  it.leads();
  // An answer to a sync is a refusal of the kind "ok": both say how things are now.
  it.core.proposed(2, {refusal()});
  CHECK(it.does() == "ping to 2");
  it.core.link_down(two);
  CHECK(it.does().empty());
  it.core.at({1s + settings{}.sync_limit + 1ns});
  it.core.tick();
  CHECK(it.does() == "serve no more, look");
  CHECK_FALSE(it.wanted<effect::deliver>());
}

TEST_CASE("zab: ZOOKEEPER-1277 counters of an epoch never run over into the next") {
  script it{one};
  it.leads();
  it.core.proposed(2, {txn(2, 1), txn(2, 2), txn(2, 3)});
  it.persists(zxid::of(2, 3));
  CHECK_FALSE(it.core.leads());
  // The next leader's transactions follow in an epoch of their own.
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  CHECK(it.hears(two, join{2, 2, zxid::of(2, 3), true, false, true}) == "write 3/2");
}

}  // namespace troupe::broadcast::zab
