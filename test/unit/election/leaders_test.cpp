// Fast leader election, one test per rule: leaders that exist, what comes after the decision, and
// nonsense.
#include <catch2/catch.hpp>

#include "test/unit/election/one_server.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

namespace {

constexpr nanoseconds wait = pace{}.finalize_wait;

}  // namespace

TEST_CASE("election: settled servers tell those who look their leader and its epoch",
          "[election]") {
  one_server s{1, 3};
  s.look();
  s.hear(2, looking(1, for_(2)));
  s.hear(3, settled(2, 1));
  CHECK(s.settle(2, 4) == lines{"to 2: has leader 2 of epoch 4"});  // 2 was last heard to look
  CHECK(s.hear(3, looking(9, for_(3, 9))) == lines{"to 3: has leader 2 of epoch 4"});
  CHECK(s.hear(2, settled(2, 4)).empty());
  CHECK(s.pass(10s).empty());
  CHECK_FALSE(s.core.next_wake());
}

TEST_CASE("election: a leader is joined that says so itself and has a quorum", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, settled(5, 3, 40));
  s.hear(3, settled(5, 3, 41));
  s.hear(4, settled(5, 3, 42));
  s.pass(10s);
  CHECK_FALSE(s.decided);  // 5 has not said that it leads
  CHECK(s.hear(5, settled(5, 3, 43)) == lines{"elected 5 in round 43"});
}

TEST_CASE("election: ZOOKEEPER-1732, 1805, 1817, 1818 rounds and zxids of settled servers are not "
          "compared",
          "[election]") {
  one_server s{1, 5};
  s.look({1, {99}});
  auto other = settled(4, 3, 7);
  other.choice.last = {1234};
  s.hear(2, other);
  CHECK(s.hear(4, settled(4, 3, 0)).back() == "elected 4 in round 1");
}

TEST_CASE("election: the newcomer completes a leader's quorum, unless it has no vote",
          "[election]") {
  one_server s{1, 3};
  s.look();
  CHECK(s.hear(3, settled(3, 3)).back() == "elected 3 in round 1");

  one_server blank_one{1, 3};
  blank_one.look({0, {}, true, true});
  CHECK(blank_one.hear(3, settled(3, 3)).empty());
  CHECK(blank_one.hear(2, settled(3, 3)).back() == "elected 3 in round 1");

  one_server observer{4, 3};
  observer.look();
  CHECK(observer.hear(3, settled(3, 3)).empty());
  CHECK(observer.hear(2, settled(3, 3)).back() == "elected 3 in round 1");
}

TEST_CASE("election: statements about different epochs do not add up", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, settled(5, 2));
  s.hear(5, settled(5, 3));
  CHECK_FALSE(s.decided);
  CHECK(s.hear(2, settled(5, 3)).back() == "elected 5 in round 1");
}

TEST_CASE("election: a leader of an epoch before this server's own is not joined", "[election]") {
  one_server s{1, 3};
  s.look({4, {5}});
  s.hear(2, settled(3, 3));
  s.hear(3, settled(3, 3));
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: what a peer said counts until it says otherwise or its link is lost",
          "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, settled(5, 3));
  s.hear(2, looking(1, for_(2)));
  s.hear(5, settled(5, 3));
  CHECK_FALSE(s.decided);
  s.hear(3, settled(4, 3));
  s.link_down(3);
  s.hear(4, settled(4, 3));
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: nobody follows itself because others say so", "[election]") {
  one_server s{3, 3};
  s.look();
  s.hear(1, settled(3, 1));
  s.hear(2, settled(3, 1));
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: settled followers of a dead leader are no election", "[election]") {
  one_server s{1, 3};
  s.link_down(3);
  s.look();
  CHECK(s.hear(2, settled(3, 1)).empty());
  CHECK(s.hear(2, looking(1, for_(2))).back() == "elected 2 in round 1");
}

// -------------------------------------------------------- after the decision

TEST_CASE("election: until it has settled a decided server goes on telling its vote",
          "[election]") {
  one_server s{1, 3};
  s.link_down(3);
  s.look();
  s.hear(2, looking(1, for_(2)));
  REQUIRE(s.decided);
  s.link_up(3);
  CHECK(s.hear(3, looking(1, for_(3))) == lines{"to 3: decided 1 for 2@1.5"});
  CHECK(s.hear(3, looking(7, for_(3))) == lines{"to 3: decided 1 for 2@1.5"});
  CHECK(s.hear(3, decided(1, for_(3))).empty());  // it would answer, and so for ever
  CHECK(s.core.stage() == stage::decided);
}

TEST_CASE("election: the vote of one that has decided counts", "[election]") {
  one_server s{1, 3};
  s.look();
  s.hear(3, decided(6, for_(3)));
  CHECK(s.pass(wait) == lines{"elected 3 in round 6"});
}

TEST_CASE("election: whom a quorum has decided for is joined, also by who prefers another",
          "[election]") {
  one_server s{3, 3};
  s.look();
  CHECK(s.hear(1, decided(1, for_(2))).size() == 1);
  CHECK_FALSE(s.decided);
  CHECK(s.hear(2, decided(1, for_(2))).back() == "elected 2 in round 1");
  CHECK(s.hear(1, looking(1, for_(1))) == lines{"to 1: decided 1 for 2@1.5"});

  one_server in_a_later_round{3, 3};
  in_a_later_round.look();
  in_a_later_round.look();
  in_a_later_round.hear(1, decided(1, for_(2)));
  CHECK(in_a_later_round.hear(2, decided(1, for_(2))) == lines{"elected 2 in round 2"});
  CHECK(in_a_later_round.hear(1, looking(1, for_(1))).empty());  // it is no witness of round 1
  in_a_later_round.hear(2, looking(1, for_(2)));
  CHECK(in_a_later_round.core.stage() == stage::looking);

  one_server blank_one{3, 3};
  blank_one.look({0, {}, true, true});
  blank_one.hear(1, decided(1, for_(2)));
  CHECK(blank_one.hear(2, decided(1, for_(2))).back() == "elected 2 in round 1");
}

TEST_CASE("election: who is not elected by a quorum with itself is not joined", "[election]") {
  one_server s{5, 5};
  s.look();
  s.hear(1, decided(1, for_(4)));
  s.hear(2, decided(1, for_(4)));
  s.hear(3, decided(1, for_(4)));
  CHECK_FALSE(s.decided);  // 4 has not said so
  s.hear(4, decided(2, for_(4)));
  CHECK_FALSE(s.decided);  // in another round
  s.hear(1, decided(2, for_(4)));
  s.hear(2, looking(2, for_(2)));
  CHECK_FALSE(s.decided);
  CHECK(s.hear(3, decided(2, for_(4))).back() == "elected 4 in round 2");

  one_server has_more{3, 3};
  has_more.look({1, {6}});
  has_more.hear(1, decided(1, for_(2)));
  has_more.hear(2, decided(1, for_(2)));
  has_more.pass(10s);
  CHECK_FALSE(has_more.decided);

  one_server among_blank{3, 3};
  among_blank.look({0, {5}});
  for (const auto peer : {1U, 2U}) {
    auto said = decided(1, for_(2, 0, 9));
    said.blank = true;
    among_blank.hear(peer, said);
  }
  CHECK_FALSE(among_blank.decided);
}

TEST_CASE("election: who has decided looks again when its leader does", "[election]") {
  one_server s{1, 3};
  s.link_down(3);
  s.look();
  s.hear(2, looking(1, for_(2)));
  CHECK(s.hear(2, looking(1, for_(2))) == lines{"to 2: decided 1 for 2@1.5"});
  CHECK(s.hear(2, looking(2, for_(2))) == lines{"to 2: looks 2 for 2@1.5", "elected 2 in round 2"});

  one_server joined{1, 3};
  joined.look();
  joined.hear(3, settled(3, 3, 9));
  CHECK(joined.hear(3, looking(4, for_(3))) ==
        lines{"to 2: looks 10 for 1@1.5", "to 3: looks 10 for 1@1.5"});
}

TEST_CASE("election: who has decided looks again when its leader prefers another", "[election]") {
  one_server s{1, 3};
  s.link_down(3);
  s.look();
  s.hear(2, looking(1, for_(2)));
  REQUIRE(s.decided);
  // Whom this server cannot reach yet.
  CHECK(s.hear(2, looking(1, for_(3))) == lines{"to 2: looks 1 for 2@1.5"});
  CHECK(s.pass(50ms) == lines{"to 2: looks 1 for 2@1.5"});
  CHECK(s.link_up(3) == lines{"to 3: looks 1 for 2@1.5"});
  CHECK(s.hear(3, decided(1, for_(3))).back() == "elected 3 in round 1");
}

// ZOOKEEPER-3109.
TEST_CASE("election: who was elected itself looks again when no quorum wants it any more",
          "[election]") {
  one_server s{2, 3};
  s.link_down(3);
  s.look();
  CHECK(s.hear(1, looking(1, for_(2))).back() == "elected 2 in round 1");
  s.link_up(3);
  CHECK(s.hear(3, looking(1, for_(3))) == lines{"to 3: decided 1 for 2@1.5"});  // it never did
  CHECK(s.hear(1, looking(1, for_(2))) == lines{"to 1: decided 1 for 2@1.5"});
  // It had not decided when it heard of 3.
  CHECK(s.hear(1, looking(1, for_(3))).back() == "elected 3 in round 1");

  one_server of_five{4, 5};
  of_five.look();
  for (const auto voter : {1U, 2U, 3U})
    of_five.hear(voter, looking(1, for_(4)));
  of_five.pass(wait);
  REQUIRE(of_five.decided);
  of_five.hear(1, looking(1, for_(5)));
  of_five.hear(2, looking(2, for_(5)));  // what it says in another round is another election's
  CHECK(of_five.core.stage() == stage::decided);  // three are left
  of_five.hear(3, looking(1, for_(5)));
  CHECK(of_five.core.stage() == stage::looking);
}

TEST_CASE("election: who was elected itself joins the leader that a quorum has settled with",
          "[election]") {
  one_server s{3, 3};
  s.look();
  s.hear(1, looking(1, for_(3)));
  CHECK(s.hear(2, looking(1, for_(3))).back() == "elected 3 in round 1");
  // It was stopped for a while, and the others have another one.
  CHECK(s.hear(1, settled(2, 2)).empty());
  CHECK(s.core.stage() == stage::decided);  // the leader has not said so
  CHECK(s.hear(2, settled(2, 2)).back() == "elected 2 in round 1");

  // Of three, one beside the leader may have left it for this server.
  one_server newer{3, 3};
  newer.look();
  newer.hear(1, looking(1, for_(3)));
  newer.hear(2, looking(1, for_(3)));
  newer.hear(2, settled(2, 2));
  CHECK(newer.core.stage() == stage::decided);
  CHECK(newer.core.choice().leader == server_id{3});
}

TEST_CASE("election: who has decided for another leader is told the one that there is",
          "[election]") {
  one_server s{1, 3};
  s.look();
  s.settle(2, 2);
  CHECK(s.hear(3, decided(1, for_(3))) == lines{"to 3: has leader 2 of epoch 2"});
  CHECK(s.hear(3, decided(1, for_(2))).empty());
}

TEST_CASE("election: whoever loses its candidate begins a new round", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(5, looking(1, for_(5)));
  CHECK(s.link_down(5) ==
        lines{"to 2: looks 2 for 1@1.5", "to 3: looks 2 for 1@1.5", "to 4: looks 2 for 1@1.5"});
  s.hear(4, looking(2, for_(5)));
  CHECK(s.core.choice() == for_(1));  // 5 cannot be reached from here
}

TEST_CASE("election: an observer that loses its candidate keeps the round", "[election]") {
  one_server s{4, 3};
  s.look();
  s.hear(3, looking(5, for_(3)));
  s.hear(2, looking(5, for_(2)));
  s.link_down(3);
  CHECK(s.core.round() == 5);
  CHECK(s.core.choice() == for_(2));
}

TEST_CASE("election: votes for more than this server has are of an earlier life", "[election]") {
  one_server s{1, 3};
  s.look({1, {5}});
  s.hear(2, looking(7, for_(1, 1, 8)));
  CHECK(s.core.round() == 8);
  CHECK(s.core.choice() == for_(1, 1, 5));

  one_server wiped{1, 3};
  wiped.look({0, {}, true, true});
  wiped.hear(2, looking(7, for_(1, 1, 8)));
  CHECK(wiped.core.round() == 8);
  CHECK(wiped.core.choice() == vote{});
}

// ----------------------------------------------------------------- nonsense

TEST_CASE("election: numbers that make no sense are counted and left", "[election]") {
  one_server s{1, 3};
  CHECK(s.hear(2, looking(3, for_(2))).empty());  // before it was asked to look
  s.look();
  CHECK(s.hear(2, looking(~std::uint64_t{0}, for_(2))).empty());
  CHECK(s.hear(2, settled(2, 9, ~std::uint64_t{0})).empty());
  CHECK(s.hear(1, looking(2, for_(1))).empty());
  CHECK(s.hear(77, looking(2, for_(1))).empty());
  CHECK(s.core.refused() == 4);
  CHECK(s.core.round() == 1);
  s.hear(2, looking(1, for_(0, ~0U, ~std::uint64_t{0})));
  s.hear(2, settled(0, ~0U));
  s.hear(3, settled(0, ~0U));
  CHECK_FALSE(s.decided);
  s.core.link_down({55}, s.now);
  s.core.wake(s.now);
  CHECK(s.take().empty());
}
