// Bugs that ZooKeeper has had, played on this core (docs/zookeeper-bugs.md): what is promised,
// claimed or acknowledged before the disk has it.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

const std::vector<zxid> one_to_six{zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3),
                                   zxid::of(1, 4), zxid::of(1, 5), zxid::of(1, 6)};

}  // namespace

TEST_CASE("zab: ZOOKEEPER-335 nobody hears of an epoch before its leader has promised it") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  // No question leaves before the disk has it, so a crash here wastes nothing.
  CHECK(it.hears(two, join{1, 1, {}, true, false, true}) == "write 2/1");
  CHECK(it.hears(three, join{1, 1, {}, true, false, true}).empty());
  CHECK(it.writes({2, 1, true, true}) == "new epoch to 2, new epoch to 3");
  // It crashes, and leads again with what is on its disk: not with the same epoch.
  script again{one, {2, 1, true, true}};
  again.core.start();
  again.core.elected(one);
  again.core.link_up(two);
  again.does();
  CHECK(again.hears(two, join{1, 1, {}, true, false, true}) == "write 3/1");
}

TEST_CASE("zab: ZOOKEEPER-1081, 1082 an epoch is above every promise, whatever the log says") {
  // Both have promised more than their logs show.
  script it{one, {5, 1, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2)}, 2)};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  const auto end = zxid::of(1, 2);
  SECTION("its own promise is the newest") {
    CHECK(it.hears(two, join{4, 1, end, true, false, true}) == "write 6/1");
  }
  SECTION("another's is") {
    CHECK(it.hears(two, join{8, 1, end, true, false, true}) == "write 9/1");
  }
}

TEST_CASE("zab: ZOOKEEPER-2307 a promise counts in memory when the disk has it") {
  script it{two};
  it.core.start();
  it.core.link_up(one);
  it.core.elected(one);
  it.does();
  CHECK(it.hears(one, new_epoch{7, false}) == "write 7/1");
  CHECK(it.core.on_disk().accepted == 1);
  // The role ends in between. What comes next waits for the disk, and knows the promise.
  it.core.link_down(one);
  CHECK(it.does().empty());
  CHECK(it.writes({7, 1, true, true}) == "look");
  it.core.link_up(three);
  it.core.elected(three);
  CHECK(it.does() == "join to 3");
  REQUIRE(it.said<join>(three));
  CHECK(it.said<join>(three)->accepted_epoch == 7);
}

TEST_CASE("zab: ZOOKEEPER-4643 after a crash before the claim, only the old epoch is claimed") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1), txn(1, 2)}});
  it.hears(one, new_leader{2, {}, 0});
  // A part of the data: no claim yet. The rest: the claim is asked for, but not answered.
  it.persists(zxid::of(1, 1));
  CHECK_FALSE(it.wanted<effect::write_epochs>());
  it.persists(zxid::of(1, 2));
  CHECK(it.wanted<effect::write_epochs>());
  CHECK_FALSE(it.said<leader_accepted>(one));
  // The power goes. The claim is lost, the data are not: that is safe, the other way round is not.
  script next{two, it.core.on_disk(), recovered({zxid::of(1, 1), zxid::of(1, 2)}, 0)};
  next.core.start();
  CHECK(next.does() == "look");
  CHECK(next.wanted<effect::look>()->current_epoch == 1);
  CHECK(next.wanted<effect::look>()->last == zxid::of(1, 2));
}

TEST_CASE("zab: ZOOKEEPER-4785 a claim waits for a cut and for what follows it, in any order") {
  script it{two, {1, 1, true, true}, recovered({zxid::of(1, 1), zxid::of(1, 2)}, 1)};
  it.promises(3);
  CHECK(it.hears(one, cut{zxid::of(1, 1)}) == "truncate");
  CHECK(it.hears(one, entries{{txn(2, 1)}}) == "append");
  CHECK(it.hears(one, new_leader{3, {}, 0}).empty());
  SECTION("the cut comes first") {
    it.core.truncated();
    CHECK(it.does().empty());
    CHECK(it.persists(zxid::of(2, 1)) == "write 3/3, durable to 1");
  }
  SECTION("the data come first") {
    CHECK(it.persists(zxid::of(2, 1)).empty());
    it.core.truncated();
    CHECK(it.does() == "write 3/3");
  }
}

TEST_CASE("zab: ZOOKEEPER-4685 what a learner acknowledges before its claim waits for that") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.hears(three, join{1, 1, {}, true, false, true});
  it.hears(three, epoch_promised{2, false, 1, {}, {}, {}});
  CHECK(it.locates({}, std::nullopt) == "begins to 3");
  it.core.proposed(2, {txn(2, 1)});
  CHECK(it.does() == "append, entries to 2, entries to 3");
  // This one overtakes the acceptance. It neither counts nor does it harm.
  CHECK(it.hears(three, durable{zxid::of(2, 1)}).empty());
  CHECK(it.persists(zxid::of(2, 1)).empty());
  CHECK(it.core.log().committed() == zxid{});
  CHECK(it.hears(three, leader_accepted{2}) == "commit to 3, commit to 2, commit to 3, deliver");
}

TEST_CASE("zab: ZOOKEEPER-4925 what a follower was sent in pieces, it sends on without holes") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  it.hears(one, entries{{txn(1, 2), txn(1, 3)}});
  it.hears(one, new_leader{2, {}, 0});
  it.persists(zxid::of(1, 3));
  it.writes({2, 2, true, true});
  it.hears(one, commit{zxid::of(1, 1), {}});
  it.hears(one, entries{{txn(2, 1)}});
  it.hears(one, commit{zxid::of(1, 3), {}});
  it.persists(zxid::of(2, 1));
  // Server 1 is lost. Now it leads, and server 3 has nothing.
  it.core.link_down(one);
  it.core.elected(two);
  it.core.link_up(three);
  it.does();
  it.hears(three, join{1, 1, {}, true, false, true});
  it.writes({3, 2, true, true});
  it.hears(three, epoch_promised{3, false, 1, {}, {}, {}});
  CHECK(it.writes({3, 3, true, true}) == "entries to 3, locate");
  REQUIRE(it.said<entries>(three));
  CHECK(zxids(it.said<entries>(three)->txns) ==
        std::vector{zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3), zxid::of(2, 1)});
}

TEST_CASE("zab: ZOOKEEPER-2418, 3104 between the log and what is in memory there is no gap") {
  // Only the sixth transaction is in memory.
  script it{one, {1, 1, true, true}, recovered(one_to_six, 6, 1)};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  const auto theirs = zxid::of(1, 2);
  it.hears(two, join{1, 1, theirs, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, theirs, theirs, {theirs}});
  it.writes({2, 2, true, true});
  const auto* asked = it.wanted<effect::read_range>();
  REQUIRE(asked);
  CHECK(asked->after == theirs);
  SECTION("what was not read is read, before the new leader's point is told") {
    it.core.range(asked->token, theirs, {txn(1, 3), txn(1, 4)}, false);
    CHECK(it.does() == "entries to 2");
    it.hears(two, durable{zxid::of(1, 4)});
    asked = it.wanted<effect::read_range>();
    REQUIRE(asked);
    CHECK(asked->after == zxid::of(1, 4));
    it.core.range(asked->token, zxid::of(1, 4), {txn(1, 5)}, false);
    CHECK(it.does() == "entries to 2");
    CHECK(it.hears(two, durable{zxid::of(1, 5)}) == "entries to 2, locate");
    CHECK(zxids(it.said<entries>(two)->txns) == std::vector{zxid::of(1, 6)});
    CHECK(it.locates(zxid::of(1, 6), 5) == "begins to 2");
  }
  SECTION("a log that begins later is not sent: there is a snapshot instead") {
    it.core.range(asked->token, zxid::of(1, 3), {txn(1, 4)}, false);
    CHECK(it.does() == "read snapshot");
  }
}

}  // namespace troupe::broadcast::zab
