// Fast leader election, one test per rule: who counts, who stands, who votes.
#include <catch2/catch.hpp>

#include "test/unit/election/one_server.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

namespace {

constexpr nanoseconds wait = pace{}.finalize_wait;

}  // namespace

TEST_CASE("election: observers and strangers count nowhere, but are told", "[election]") {
  one_server s{1, 3};
  s.link_up(9);
  s.look();
  CHECK(s.hear(9, looking(8, for_(9, 7, 7))) == lines{"to 9: looks 1 for 1@1.5"});
  s.hear(9, looking(1, for_(1)));
  CHECK(s.hear(9, settled(9, 7)).empty());
  s.pass(10s);
  CHECK(s.core.round() == 1);
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: nobody becomes leader who is no voter", "[election]") {
  one_server s{1, 3};
  s.link_up(9);
  s.look();
  s.hear(2, looking(1, for_(9, 7)));
  s.hear(3, looking(1, for_(9, 7)));
  s.hear(2, settled(9, 7));
  s.hear(3, settled(9, 7));
  s.pass(10s);
  CHECK_FALSE(s.decided);
  CHECK(s.core.choice() == for_(1));
}

TEST_CASE("election: an observer looks, decides with the voters, and has no vote", "[election]") {
  one_server s{4, 3};
  CHECK(s.look({9, {99}}) ==
        lines{"to 1: looks 0 for 0@0.0", "to 2: looks 0 for 0@0.0", "to 3: looks 0 for 0@0.0"});
  s.hear(1, looking(5, for_(3)));
  s.hear(2, looking(4, for_(2)));
  CHECK(s.core.round() == 5);
  s.hear(3, looking(5, for_(3)));
  CHECK(s.pass(wait) == lines{"elected 3 in round 5"});
  CHECK(s.decided->support == std::vector<server_id>{{1}, {3}});
}

TEST_CASE("election: learners never answer each other, nor voters", "[election]") {
  one_server s{4, 3};
  s.link_up(5);
  s.look();
  CHECK(s.hear(5, looking(0, {})).empty());
  s.hear(1, looking(5, for_(1)));
  CHECK(s.hear(2, looking(4, for_(2))).empty());
  s.settle(1, 2);
  CHECK(s.hear(5, looking(0, {})).empty());
}

// --------------------------------------------- who does not stand or vote

TEST_CASE("election: who does not stand votes for its equals or better only", "[election]") {
  one_server s{3, 3};
  CHECK(s.look({1, {5}, false}).front() == "to 1: looks 1 for 0@1.5");
  CHECK(s.hear(2, looking(1, for_(2, 1, 4))) == lines{"to 2: looks 1 for 0@1.5"});
  s.hear(1, looking(1, for_(2, 1, 4)));
  s.pass(10s);
  CHECK_FALSE(s.decided);  // what 3 has may be committed
  s.hear(1, looking(1, for_(1, 1, 5)));
  CHECK(s.core.choice() == for_(1));
  s.hear(2, looking(1, for_(1, 1, 5)));
  CHECK(s.decided->leader == server_id{1});
}

TEST_CASE("election: nobody votes for one that does not stand", "[election]") {
  one_server s{1, 3};
  s.look();
  s.hear(3, looking(1, for_(0, 1, 9)));
  CHECK(s.core.choice() == for_(1));
  s.hear(2, looking(1, for_(1)));
  CHECK(s.decided->leader == server_id{1});
  CHECK(s.decided->support == std::vector<server_id>{{1}, {2}});
}

TEST_CASE("election: ZOOKEEPER-261 a blank server has no vote", "[election]") {
  one_server s{3, 3};
  CHECK(s.look({0, {}, true, true}).front() == "to 1: blank, looks 1 for 0@0.0");
  s.hear(1, blank(1));
  s.hear(2, looking(1, for_(2, 0, 0)));
  s.pass(10s);
  CHECK_FALSE(s.decided);
  s.hear(1, looking(1, for_(2, 0, 0)));
  CHECK(s.decided->support == std::vector<server_id>{{1}, {2}});  // it follows, uncounted
}

TEST_CASE("election: to a server with identity blank ones have no vote", "[election]") {
  one_server s{1, 3};
  s.look({0, {5}});  // a transaction, even if nobody ever claimed its epoch
  s.hear(2, blank(1, for_(3, 0, 6)));
  s.hear(3, blank(1, for_(3, 0, 6)));
  s.pass(10s);
  CHECK_FALSE(s.decided);
  CHECK(s.core.choice() == for_(1, 0, 5));
}

TEST_CASE("election: a single voter needs nobody for its first start", "[election]") {
  one_server s{1, 1};
  CHECK(s.look({0, {}, true, true}).back() == "elected 1 in round 1");
}

TEST_CASE("election: if all members are blank it is the first start", "[election]") {
  one_server s{2, 3};
  s.look({0, {}, true, true});
  CHECK(s.hear(1, blank(1)).empty());
  CHECK(s.hear(3, blank(1)) ==
        lines{"to 1: blank, looks 1 for 2@0.0", "to 3: blank, looks 1 for 2@0.0"});
  s.hear(3, blank(1, for_(3, 0, 0)));
  s.hear(1, blank(1, for_(3, 0, 0)));
  CHECK(s.decided->leader == server_id{3});
}

TEST_CASE(
    "election: an interrupted first start is one still: some have promised, nobody has anything",
    "[election]") {
  one_server has_promised{1, 3};
  has_promised.look({0, {}});
  has_promised.hear(2, blank(1));
  CHECK(has_promised.core.choice() == for_(1, 0, 0));
  has_promised.hear(3, blank(1));
  has_promised.hear(3, blank(1, for_(3, 0, 0)));
  CHECK(has_promised.core.choice() == for_(3, 0, 0));
  CHECK(has_promised.hear(2, blank(1, for_(3, 0, 0))).back() == "elected 3 in round 1");

  one_server is_blank{3, 3};
  is_blank.look({0, {}, true, true});
  CHECK(is_blank.hear(1, blank(1)).empty());
  is_blank.hear(2, empty(1, for_(2, 0, 0)));
  CHECK(is_blank.core.choice() == for_(3, 0, 0));

  one_server not_empty{3, 3};
  not_empty.look({0, {}, true, true});
  not_empty.hear(1, blank(1));
  not_empty.hear(2, looking(1, for_(2, 0, 0)));  // it may have claimed: it does not say it has not
  not_empty.pass(10s);
  CHECK_FALSE(not_empty.decided);
}

TEST_CASE("election: at the first start the votes of all are waited for, not only their presence",
          "[election]") {
  one_server s{1, 3};
  s.look({0, {}, true, true});
  s.hear(2, blank(1));
  s.hear(3, blank(1));
  s.hear(2, blank(1, for_(2, 0, 0)));
  CHECK_FALSE(s.decided);  // 3 has not voted yet, and only whoever has heard all can
  s.hear(3, blank(1, for_(3, 0, 0)));
  CHECK(s.decided->leader == server_id{3});

  one_server too_late{1, 3};
  too_late.look({0, {}, true, true});
  too_late.hear(2, blank(1));
  too_late.hear(3, blank(1));
  too_late.hear(2, blank(1, for_(2, 0, 0)));
  CHECK(too_late.pass(wait) == lines{"elected 2 in round 1"});
}

TEST_CASE("election: one member that is not blank, or not there, and no blank one votes",
          "[election]") {
  one_server s{2, 3};
  s.look({0, {}, true, true});
  s.hear(1, blank(1));
  s.hear(3, looking(1, for_(3)));
  CHECK(s.core.choice() == for_(3));  // only learned
  s.pass(10s);
  CHECK_FALSE(s.decided);

  one_server lost{2, 3};
  lost.look({0, {}, true, true});
  lost.hear(1, blank(1));
  lost.hear(3, blank(1));
  lost.link_down(3);
  CHECK(lost.core.round() == 2);
  CHECK(lost.core.choice() == vote{});
}

// ZOOKEEPER-3644, 3781.
TEST_CASE("election: blank servers may vote for the founder, and for nobody else", "[election]") {
  one_server s{2, 3};
  s.look({0, {}, true, true});
  CHECK(s.hear(3, blank(1)).empty());
  CHECK(s.hear(1, founder(1, for_(1))) == lines{"to 1: blank, looks 1 for 1@1.5",
                                                "to 3: blank, looks 1 for 1@1.5",
                                                "elected 1 in round 1"});

  one_server lost{2, 3};
  lost.look({0, {}, true, true});
  lost.link_down(3);
  lost.hear(1, founder(1, for_(0)));
  CHECK(lost.core.choice() == vote{});  // one that does not stand itself, and neither does this
  lost.link_down(1);
  lost.link_up(3);
  lost.hear(3, blank(1, for_(1)));
  lost.pass(10s);
  CHECK(lost.core.choice() == vote{});  // the founder's own word is needed
  CHECK_FALSE(lost.decided);
}

TEST_CASE("election: to the founder blank servers have a vote", "[election]") {
  one_server s{1, 3};
  CHECK(s.look({1, {5}, true, false, true}).size() == 2);
  s.hear(2, blank(1));
  s.pass(10s);
  CHECK_FALSE(s.decided);
  s.hear(2, blank(1, for_(1)));
  s.pass(wait);
  REQUIRE(s.decided);
  CHECK(s.decided->leader == server_id{1});
  CHECK(s.decided->support == std::vector<server_id>{{1}, {2}});
}
