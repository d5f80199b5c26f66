// What a member says and what it has on disk: nothing leaves that a power cut could undo.
#include <catch2/catch.hpp>

#include <vector>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {

TEST_CASE("zab: a follower promises, takes, and claims only what is on its disk") {
  script it{two};
  it.core.start();
  CHECK(it.does() == "look");
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "join to 1");
  // ZOOKEEPER-335: the promise is durable before it is given.
  CHECK(it.hears(one, new_epoch{2, false}) == "write 2/1");
  CHECK(it.writes({2, 1, true, true}) == "promised to 1");
  CHECK(it.hears(one, entries{{txn(1, 1), txn(1, 2)}}) == "append");
  // ZOOKEEPER-3911, 4646: what was received is durable before it is claimed.
  CHECK(it.hears(one, new_leader{2, {}, 0}).empty());
  CHECK(it.persists(zxid::of(1, 1)) == "durable to 1");
  // ZOOKEEPER-4643: data, then the claim, then the answer.
  CHECK(it.persists(zxid::of(1, 2)) == "write 2/2, durable to 1");
  CHECK(it.writes({2, 2, true, true}) == "accepted to 1");
  CHECK(it.hears(one, commit{zxid::of(1, 2), {}}) == "deliver, serve");
  // ZOOKEEPER-4685: acknowledgements of proposals come after that of the epoch, and after the disk.
  CHECK(it.hears(one, entries{{txn(2, 1)}}) == "append");
  CHECK(it.persists(zxid::of(2, 1)) == "durable to 1");
}

TEST_CASE("zab: an older leader is not listened to after a promise") {
  script it{two, {5, 1, true, true}};
  it.core.start();
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "look, join to 1");
  CHECK(it.hears(one, new_epoch{4, false}) == "leave to 1, look");
}

// ZOOKEEPER-4925.
TEST_CASE("zab: transactions with a gap are not taken") {
  script it{two};
  it.core.start();
  it.core.link_up(one);
  it.core.elected(one);
  it.does();
  it.hears(one, new_epoch{2, false});
  it.writes({2, 1, true, true});
  CHECK(it.hears(one, entries{{txn(1, 2)}}) == "leave to 1, look");
}

TEST_CASE(
    "zab: a leader begins its epoch when a quorum has promised, and leads when one has accepted") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  CHECK(it.does() == "look");
  it.core.link_up(two);
  CHECK(it.hears(two, join{1, 1, {}, true, false, true}) == "write 2/1");
  CHECK(it.writes({2, 1, true, true}) == "new epoch to 2");
  CHECK(it.hears(two, epoch_promised{2, false, 1, {}, {}, {}}) == "write 2/2");
  CHECK(it.writes({2, 2, true, true}) == "locate");
  CHECK(it.locates({}, std::nullopt) == "begins to 2");
  CHECK(it.hears(two, leader_accepted{2}) == "lead, serve, commit to 2, ping to 2");
  it.core.proposed(2, {txn(2, 1)});
  CHECK(it.does() == "append, entries to 2");
  // Neither its own disk nor a follower's is a quorum.
  CHECK(it.persists(zxid::of(2, 1)).empty());
  CHECK(it.hears(two, durable{zxid::of(2, 1)}) == "commit to 2, deliver");
}

TEST_CASE("zab: a refusal that waits when its server joins anew is dropped: that asks again") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true, true});
  it.locates({}, std::nullopt);
  it.hears(two, leader_accepted{2});
  verdict of_two, of_three;
  of_two.origin.server = two;
  of_three.origin.server = three;
  it.core.proposed(2, {of_two, of_three, txn(2, 1)});
  it.hears(three, join{1, 1, {}, true, false, true});
  it.persists(zxid::of(2, 1));
  it.core.received(two, {it.conversation, durable{zxid::of(2, 1)}});
  std::vector<server_id> refused;
  for (const auto& any : it.core.take_effects())
    if (const auto* done = std::get_if<effect::deliver>(&any))
      for (const auto& what : done->committed)
        if (const auto* no = std::get_if<verdict>(&what)) refused.push_back(no->origin.server);
  CHECK(refused == std::vector{two});
}

// ZOOKEEPER-1277.
TEST_CASE("zab: a full epoch ends, before its counter runs over") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true, true});
  it.hears(two, leader_accepted{2});
  it.core.proposed(2, {txn(2, 1), txn(2, 2)});
  CHECK(it.does() == "append, entries to 2");
  it.core.proposed(2, {txn(2, 3)});
  CHECK(it.does() == "append, entries to 2, leave to 2, serve no more");
  // It looks for a leader when what it proposed is on its disk.
  CHECK(it.persists(zxid::of(2, 3)) == "look");
}

TEST_CASE("zab: a leader makes way for whoever has more") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.does();
  it.core.link_up(two);
  it.hears(two, join{1, 1, zxid::of(1, 5), true, false, true});
  it.writes({2, 1, true, true});
  CHECK(it.hears(two, epoch_promised{2, false, 1, zxid::of(1, 5), {}, {zxid::of(1, 5)}}) ==
        "leave to 2, look");
}

// ZOOKEEPER-261, 2325, 3056.
TEST_CASE("zab: an empty member's promise does not count, unless all are empty") {
  script it{one, {0, 0, false}};
  it.core.start();
  it.core.elected(one);
  CHECK(it.does() == "look");
  it.core.link_up(two);
  it.core.link_up(three);
  CHECK(it.hears(two, join{0, 0, {}, false}).empty());
  CHECK(it.hears(three, join{0, 0, {}, false}) == "write 1/0");
}

TEST_CASE("zab: a voter that promised a later epoch makes a new one begin") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.core.link_up(three);
  it.does();
  it.hears(two, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  CHECK(it.hears(three, join{7, 1, {}, true, false, true}) == "leave to 2, leave to 3, look");
}

}  // namespace troupe::broadcast::zab
