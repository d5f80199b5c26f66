// Bugs that ZooKeeper has had, played on this core (docs/zookeeper-bugs.md): histories that must
// not survive, or must.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {

TEST_CASE("zab: ZOOKEEPER-1549 what a quorum may not have is not shown to the tree, and can go") {
  script it{
      two, {1, 1, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3)}, 1)};
  it.promises();
  SECTION("the leader does not have it") {
    CHECK(it.hears(one, cut{zxid::of(1, 1)}) == "truncate");
    it.core.truncated();
    CHECK(it.hears(one, new_leader{2, {}, 0}) == "write 2/2");
    it.writes({2, 2, true, true});
    CHECK(it.hears(one, commit{zxid::of(1, 1), {}}) == "serve");
    CHECK(it.delivered.empty());
  }
  SECTION("it does, and so does a quorum now") {
    it.hears(one, new_leader{2, {}, 0});
    it.writes({2, 2, true, true});
    CHECK(it.delivered.empty());
    it.hears(one, commit{zxid::of(1, 3), {}});
    CHECK(it.delivered == std::vector{zxid::of(1, 2), zxid::of(1, 3)});
  }
  SECTION("nobody takes back what is committed") {
    CHECK(it.hears(one, cut{zxid{}}) == "leave to 1, look");
    CHECK(it.wanted<effect::diverged>());
  }
}

TEST_CASE("zab: ZOOKEEPER-1154 what an old leader alone had is cut, though numbers would fit") {
  // Server 2 had two more of the first epoch, was away, and its position is before ours.
  script it{
      one, {2, 2, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2), zxid::of(2, 1)}, 3)};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  const auto theirs = zxid::of(1, 4);
  it.hears(two, join{1, 1, theirs, true, false, true});
  it.writes({3, 2, true, true});
  it.hears(two, epoch_promised{3, false, 1, theirs, zxid::of(1, 2), {theirs}});
  CHECK(it.writes({3, 3, true, true}) == "cut to 2, entries to 2, locate");
  CHECK(it.said<cut>(two)->after == zxid::of(1, 2));
  CHECK(zxids(it.said<entries>(two)->txns) == std::vector{zxid::of(2, 1)});
}

TEST_CASE("zab: ZOOKEEPER-2845 what the log has beyond the tree is not left out later") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1), txn(1, 2)}});
  // The leader is lost; the tree has seen nothing of this, the disk not yet.
  it.core.link_down(one);
  CHECK(it.does().empty());
  CHECK(it.persists(zxid::of(1, 2)) == "look");
  CHECK(it.wanted<effect::look>()->last == zxid::of(1, 2));
  it.core.link_up(three);
  it.core.elected(three);
  CHECK(it.does() == "join to 3");
  it.hears(three, new_epoch{3, false});
  it.writes({3, 1, true, true});
  it.hears(three, entries{{txn(1, 3)}});
  it.hears(three, new_leader{3, {}, 0});
  it.persists(zxid::of(1, 3));
  it.writes({3, 3, true, true});
  it.hears(three, commit{zxid::of(1, 3), {}});
  CHECK(it.delivered == std::vector{zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3)});
}

TEST_CASE("zab: ZOOKEEPER-2355 after half a synchronisation a server says what it has") {
  script it{two};
  it.promises();
  // The leader is at 1/9, and this is the first half.
  it.hears(one, entries{{txn(1, 1), txn(1, 2), txn(1, 3), txn(1, 4)}});
  it.persists(zxid::of(1, 2));
  it.core.link_down(one);
  CHECK(it.persists(zxid::of(1, 4)) == "look");
  it.core.link_up(one);
  it.core.elected(one);
  it.does();
  REQUIRE(it.said<join>(one));
  CHECK(it.said<join>(one)->last == zxid::of(1, 4));
  CHECK(it.said<join>(one)->current_epoch == 1);
  // It had promised this epoch, so it follows without being counted for it again.
  CHECK(it.hears(one, new_epoch{2, false}) == "promised to 1");
  CHECK(it.said<epoch_promised>(one)->again);
  CHECK(it.said<epoch_promised>(one)->last == zxid::of(1, 4));
}

TEST_CASE("zab: ZOOKEEPER-5094 a cut that is interrupted is finished before anything else") {
  script it{
      two, {1, 1, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3)}, 1)};
  it.promises();
  CHECK(it.hears(one, cut{zxid::of(1, 2)}) == "truncate");
  it.core.link_down(one);
  it.core.elected(three);
  it.core.link_up(three);
  CHECK(it.does().empty());
  it.core.truncated();
  CHECK(it.does() == "look");
  CHECK(it.wanted<effect::look>()->last == zxid::of(1, 2));
  CHECK(it.core.log().ends() == std::vector{zxid::of(1, 2)});
}

TEST_CASE("zab: ZOOKEEPER-790 a new leader's log is committed when a quorum has it, not before") {
  script it{one, {1, 1, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2)}, 1)};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{1, 1, zxid::of(1, 1), true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, zxid::of(1, 1), {}, {zxid::of(1, 1)}});
  it.writes({2, 2, true, true});
  it.locates(zxid::of(1, 2), 7);
  it.hears(two, durable{zxid::of(1, 2)});
  CHECK(it.core.log().committed() == zxid::of(1, 1));
  CHECK(it.delivered.empty());
  // The tree gets it before it is told to lead.
  CHECK(it.hears(two, leader_accepted{2}) == "deliver, lead, serve, commit to 2, ping to 2");
  CHECK(it.delivered == std::vector{zxid::of(1, 2)});
}

TEST_CASE("zab: ZOOKEEPER-962 who joins while transactions are under way gets each of them once") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  std::vector<zxid> sent;
  const auto note = [&] {
    if (const auto* some = it.said<entries>(three))
      for (const auto at : zxids(some->txns))
        sent.push_back(at);
  };
  it.hears(three, join{1, 1, {}, true, false, true});
  it.core.proposed(2, {txn(2, 2)});
  CHECK(it.does() == "append, entries to 2");
  it.hears(three, epoch_promised{2, false, 1, {}, {}, {}});
  note();
  it.core.proposed(2, {txn(2, 3)});
  CHECK(it.does() ==
        "append, entries to 2, entries to 3, leave to 2, leave to 3, serve no more");  // full
  note();
  CHECK(sent == std::vector{zxid::of(2, 1), zxid::of(2, 2), zxid::of(2, 3)});
}

TEST_CASE("zab: ZOOKEEPER-3526, 4352 what a learner gets from a leader with nothing in memory") {
  const auto base = zxid::of(1, 5);
  script it{one, {2, 2, true, true}, history{base, 1}};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  const auto joins = [&](zxid theirs, zxid committed, const std::vector<zxid>& ends) {
    it.hears(two, join{1, 1, theirs, true, false, true});
    it.writes({3, 2, true, true});
    it.hears(two, epoch_promised{3, false, 1, theirs, committed, ends});
    return it.writes({3, 3, true, true});
  };
  SECTION("as much: nothing") { CHECK(joins(base, base, {base}) == "locate"); }
  SECTION("more than was committed: a cut") {
    CHECK(joins(zxid::of(1, 7), base, {zxid::of(1, 7)}) == "cut to 2, locate");
    CHECK(it.said<cut>(two)->after == base);
  }
  SECTION("less: the log is read, which begins after the snapshot") {
    joins(zxid::of(1, 3), zxid::of(1, 3), {zxid::of(1, 3)});
    const auto* asked = it.wanted<effect::read_range>();
    REQUIRE(asked);
    it.core.range(asked->token, {}, {}, true);
    CHECK(it.does() == "read snapshot");
  }
  SECTION("nothing: a snapshot") { CHECK(joins({}, {}, {}) == "read snapshot"); }
}

TEST_CASE("zab: ZOOKEEPER-4394 a commit for what came before the epoch began") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  SECTION("delivers it once the epoch has begun here, and once only") {
    it.hears(one, new_leader{2, {}, 0});
    it.hears(one, entries{{txn(2, 1)}});
    it.persists(zxid::of(2, 1));
    it.writes({2, 2, true, true});
    CHECK(it.delivered.empty());
    it.hears(one, commit{zxid::of(1, 1), {}});
    it.hears(one, commit{zxid::of(2, 1), {}});
    it.hears(one, commit{zxid::of(2, 1), {}});
    CHECK(it.delivered == std::vector{zxid::of(1, 1), zxid::of(2, 1)});
  }
  SECTION("that is too early ends the conversation, not the process") {
    CHECK(it.hears(one, commit{zxid::of(1, 1), {}}) == "leave to 1");
    CHECK(it.persists(zxid::of(1, 1)) == "look");
  }
  SECTION("of what was never sent does, too") {
    it.hears(one, new_leader{2, {}, 0});
    it.persists(zxid::of(1, 1));
    it.writes({2, 2, true, true});
    CHECK(it.hears(one, commit{zxid::of(1, 2), {}}) == "leave to 1, look");
  }
  CHECK(it.core.log().last() >= zxid::of(1, 1));
}

TEST_CASE("zab: ZOOKEEPER-3104 an epoch does not begin with what was not sent") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  it.persists(zxid::of(1, 1));
  CHECK(it.hears(one, new_leader{2, zxid::of(1, 2), 7}) == "leave to 1, look");
  CHECK(it.core.on_disk().current == 1);
}

}  // namespace troupe::broadcast::zab
