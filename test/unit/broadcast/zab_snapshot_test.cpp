// Snapshots of the leader, compared histories, confirmed refusals, handing over.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

verdict refusal(zxid after) {
  verdict one;
  one.after = after;
  return one;
}

}  // namespace

TEST_CASE("zab: a refusal waits until a quorum has confirmed that nobody else leads") {
  script it{one};
  it.leads();
  it.core.proposed(2, {refusal({})});
  CHECK(it.does() == "ping to 2");
  // Answers to older questions prove nothing.
  CHECK(it.hears(two, pong{1}).empty());
  CHECK(it.hears(two, pong{2}) == "deliver");
}

TEST_CASE("zab: what a quorum has taken after a refusal confirms it, too") {
  script it{one};
  it.leads();
  it.core.proposed(2, {refusal({}), txn(2, 1)});
  CHECK(it.does() == "append, entries to 2");
  CHECK(it.persists(zxid::of(2, 1)).empty());
  CHECK(it.hears(two, durable{zxid::of(2, 1)}) == "commit to 2, deliver");
}

TEST_CASE("zab: refusals that come during a round share the next one") {
  script it{one};
  it.leads();
  it.core.proposed(2, {refusal({})});
  CHECK(it.does() == "ping to 2");
  it.core.proposed(2, {refusal({})});
  it.core.proposed(2, {refusal({})});
  CHECK(it.does().empty());
  CHECK(it.hears(two, pong{2}) == "deliver, ping to 2");
  CHECK(it.hears(two, pong{3}) == "deliver");
}

TEST_CASE("zab: a leader hands over to whoever has everything, and names it to all") {
  script it{one};
  it.leads();
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  it.core.hand_over("the test wants it");
  CHECK(it.does().empty());  // not everything is committed
  it.persists(zxid::of(2, 1));
  CHECK(it.hears(two, durable{zxid::of(2, 1)}) ==
        "commit to 2, deliver, leave to 2, serve no more, join to 2");
  CHECK(it.core.leader_id() == two);
}

TEST_CASE("zab: whom the leader names leads without an election") {
  script it{two};
  it.promises();
  it.hears(one, new_leader{2, {}, 0});
  it.writes({2, 2, true, true});
  it.hears(one, commit{{}, {}});
  SECTION("by itself") {
    CHECK(it.hears(one, leave{"it stops", two}) == "serve no more");
    CHECK(it.core.leader_id() == two);
  }
  SECTION("also of others, who may be told earlier") {
    it.core.link_up(three);
    CHECK(it.hears(three, join{2, 2, {}, true, true, true}).empty());
    it.core.tick();
    CHECK(it.does().empty());
    CHECK(it.hears(one, leave{"it stops", two}) == "serve no more, write 3/2");
  }
  SECTION("but who is mistaken is told so") {
    it.core.link_up(three);
    it.hears(three, join{2, 2, {}, true, true, true});
    it.core.tick();
    it.core.tick();
    CHECK(it.does() == "leave to 3");
    CHECK(it.core.leader_id() == one);
  }
}

TEST_CASE("zab: a snapshot is taken piece by piece, and then what follows it") {
  script it{two};
  it.promises();
  CHECK(it.hears(one, snapshot_begin{zxid::of(1, 9), 5, 6}) == "install");
  it.core.install_progress(false);
  CHECK(it.does() == "taken to 1");
  CHECK(it.hears(one, snapshot_chunk{blob{"a"}}) == "install chunk");
  it.core.install_progress(false);
  CHECK(it.does() == "taken to 1");
  CHECK(it.hears(one, snapshot_end{}) == "install end");
  // Its own history counts until the new one is complete.
  CHECK(it.core.log().last() == zxid{});
  it.core.installed(zxid::of(1, 9));
  CHECK(it.does() == "durable to 1");
  CHECK(it.core.log().committed() == zxid::of(1, 9));
  CHECK(it.hears(one, entries{{txn(1, 10)}}) == "append");
}

// ZOOKEEPER-3642.
TEST_CASE("zab: a snapshot that stops half-way leaves the history as it was") {
  script it{two};
  it.promises();
  it.hears(one, snapshot_begin{zxid::of(1, 9), 5, 6});
  it.core.link_down(one);
  CHECK(it.does() == "abandon, look");
}

TEST_CASE("zab: pieces of a snapshot that come too soon end the conversation") {
  script it{two};
  it.promises();
  CHECK(it.hears(one, snapshot_begin{zxid::of(1, 9), 5, 6}) == "install");
  CHECK(it.hears(one, snapshot_chunk{blob{"a"}}) == "leave to 1, abandon, look");
}

TEST_CASE("zab: who lacks more than the log has gets a snapshot") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.hears(three, join{1, 1, {}, true, false, true});
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  it.persists(zxid::of(2, 1));
  it.hears(two, durable{zxid::of(2, 1)});
  // Its tree is wrong.
  it.hears(three, join{2, 1, zxid::of(2, 1), true, true, true});
  CHECK(it.hears(three, epoch_promised{2, true, 1, zxid::of(2, 1), {}, {zxid::of(2, 1)}}) ==
        "read snapshot");
  CHECK(it.reads(no_snapshot{true}).empty());  // asked again later
  it.core.tick();
  CHECK(it.does() == "read snapshot");
  CHECK(it.reads(snapshot_begin{zxid::of(2, 1), 1, 2}) == "snapshot to 3");
  CHECK(it.hears(three, snapshot_taken{}) == "next chunk");
  CHECK(it.reads(snapshot_chunk{blob{"a"}}) == "chunk to 3");
  CHECK(it.hears(three, snapshot_taken{}) == "next chunk");
  CHECK(it.reads(snapshot_end{}) == "end to 3");
  CHECK(it.hears(three, durable{zxid::of(2, 1)}) == "release, locate");
}

TEST_CASE("zab: histories are compared before a claim (ZOOKEEPER-1154)") {
  script it{two};
  it.promises();
  CHECK(it.hears(one, entries{{txn(1, 1)}}) == "append");
  it.persists(zxid::of(1, 1));
  CHECK(it.hears(one, new_leader{2, zxid::of(1, 1), 77}) == "locate");
  SECTION("equal ones") { CHECK(it.locates(zxid::of(1, 1), 77) == "write 2/2"); }
  SECTION("unknown ones") { CHECK(it.locates(zxid::of(1, 1), std::nullopt) == "write 2/2"); }
  SECTION("different ones") {
    CHECK(it.locates(zxid::of(1, 1), 78) == "alarm, differs to 1");
    // The leader's takes the place of this one.
    CHECK(it.hears(one, snapshot_begin{zxid::of(1, 1), 1, 77}) == "install");
  }
}

TEST_CASE("zab: a leader whose history a quorum does not have is the one to be repaired") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.core.link_up(three);
  it.does();
  for (const auto who : {two, three})
    it.hears(who, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true, true});
  it.locates({}, std::nullopt);
  CHECK(it.hears(two, history_differs{}).empty());
  CHECK(it.hears(three, epoch_promised{2, false, 1, {}, {}, {}}) == "locate");
  it.locates({}, std::nullopt);
  CHECK(it.hears(three, history_differs{}) == "alarm, leave to 2, leave to 3, look");
}

TEST_CASE("zab: a learner whose tree is another one than a quorum's joins again for a snapshot") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.hears(three, join{2, 1, {}, true, false, true});
  it.hears(three, epoch_promised{2, true, 1, {}, {}, {}});
  it.locates({}, std::nullopt);
  it.hears(three, leader_accepted{2});
  const auto at = zxid::of(2, 1);
  it.core.digested(at, 7);
  CHECK(it.does().empty());
  // One that differs proves nothing yet.
  CHECK(it.hears(three, tree_digest{at, 8}).empty());
  CHECK(it.hears(two, tree_digest{at, 7}) == "alarm, tree differs to 3");
  CHECK(it.hears(two, tree_digest{zxid::of(2, 513), 9}).empty());
}

TEST_CASE("zab: a leader whose tree a quorum does not have leads no more") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.hears(three, join{2, 1, {}, true, false, true});
  it.hears(three, epoch_promised{2, true, 1, {}, {}, {}});
  it.locates({}, std::nullopt);
  it.hears(three, leader_accepted{2});
  const auto at = zxid::of(2, 1);
  it.core.digested(at, 7);
  it.hears(two, tree_digest{at, 8});
  CHECK(it.hears(three, tree_digest{at, 8}) ==
        "alarm, leave to 2, leave to 3, serve no more, look");
}

TEST_CASE("zab: a follower that is told that its tree differs asks for a snapshot") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  it.persists(zxid::of(1, 1));
  it.hears(one, new_leader{2, {}, 0});
  it.writes({2, 2, true, true});
  it.hears(one, commit{zxid::of(1, 1), {}});
  it.core.digested(zxid::of(1, 1), 5);
  CHECK(it.does() == "tree to 1");
  CHECK(it.hears(one, tree_differs{zxid::of(1, 1)}) == "alarm, leave to 1, serve no more, look");
  it.core.elected(one);
  CHECK(it.does() == "join to 1");
  CHECK(it.asked_for_snapshot);
}

TEST_CASE("zab: a learner that says twice that it took a piece is dropped") {
  script it{one};
  it.leads();
  it.core.link_up(three);
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  it.hears(three, join{2, 1, zxid::of(2, 1), true, true, true});
  it.hears(three, epoch_promised{2, true, 1, zxid::of(2, 1), {}, {zxid::of(2, 1)}});
  CHECK(it.reads(snapshot_begin{zxid::of(2, 1), 1, 2}) == "snapshot to 3");
  CHECK(it.hears(three, snapshot_taken{}) == "next chunk");
  CHECK(it.hears(three, snapshot_taken{}) == "leave to 3, release");
}

TEST_CASE("zab: a member that differs says nothing of what is about to be replaced") {
  script it{two};
  it.promises();
  it.hears(one, entries{{txn(1, 1)}});
  it.persists(zxid::of(1, 1));
  it.hears(one, new_leader{2, zxid::of(1, 1), 77});
  it.hears(one, entries{{txn(1, 2)}});
  CHECK(it.locates(zxid::of(1, 1), 78) == "alarm, differs to 1");
  CHECK(it.persists(zxid::of(1, 2)).empty());
  it.hears(one, snapshot_begin{zxid::of(1, 2), 1, 77});
  // The history is about to be replaced as a whole.
  CHECK(it.hears(one, entries{{txn(1, 3)}}) == "leave to 1, abandon, look");
}

TEST_CASE("zab: a server that was alone does not overrule an ensemble that has a history") {
  // It claims a later epoch than that of the ensemble, so the others prefer it.
  script it{one, {7, 7, true, false}};
  it.core.start();
  it.core.elected(one);
  it.does();
  it.core.link_up(two);
  it.core.link_up(three);
  CHECK(it.hears(two, join{3, 3, zxid::of(3, 5), true, false, true}) == "write 8/7");
  it.hears(three, join{3, 3, zxid::of(3, 5), true, false, true});
  it.writes({8, 7, true, false});
  CHECK(it.hears(two,
                 epoch_promised{8, false, 3, zxid::of(3, 5), zxid::of(3, 5), {zxid::of(3, 5)}}) ==
        "write 8/8");
  it.writes({8, 8, true, false});
  it.core.tick();
  CHECK(it.does() == "leave to 3, look");
  CHECK_FALSE(it.core.on_disk().shared);
}

TEST_CASE("zab: a leader waits while the only other voter takes a snapshot, however long that is") {
  script it{one};
  it.leads();
  it.core.proposed(2, {txn(2, 1)});
  it.persists(zxid::of(2, 1));
  it.hears(two, durable{zxid::of(2, 1)});
  // Its tree is wrong; its history counts, but not before it is accepted again.
  it.hears(two, join{2, 2, zxid::of(2, 1), true, true, true});
  it.hears(two, epoch_promised{2, true, 2, zxid::of(2, 1), {}, {zxid::of(2, 1)}});
  CHECK(it.reads(snapshot_begin{zxid::of(2, 1), 1, 2}) == "snapshot to 2");
  auto now = monotonic_time{1s};
  for (int piece = 0; piece < 5; ++piece) {
    now = now + 3s;
    it.core.at(now);
    CHECK(it.hears(two, snapshot_taken{}) == "next chunk");
    it.reads(snapshot_chunk{blob{"a"}});
    it.core.tick();
    it.does();
    CHECK(it.core.leads());
  }
  // Who is there, but does not go on, is not waited for.
  for (int i = 0; i < 6; ++i) {
    now = now + 3s;
    it.core.at(now);
    it.hears(two, pong{1});
    it.core.tick();
  }
  CHECK_FALSE(it.core.leads());
}

TEST_CASE("zab: histories that contradict each other are an alarm") {
  script it{one, {3, 3, true, true}};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{3, 1, zxid::of(1, 5), true, false, true});
  it.writes({4, 3, true, true});
  it.hears(two, epoch_promised{4, false, 1, zxid::of(1, 5), zxid::of(1, 5), {zxid::of(1, 5)}});
  CHECK(it.writes({4, 4, true, true}) == "alarm, leave to 2");
}

}  // namespace troupe::broadcast::zab
