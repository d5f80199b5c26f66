// Fast leader election: one test per rule, on one server that is told what the others say. Here:
// rounds, votes, the decision.
#include <catch2/catch.hpp>

#include "test/unit/election/one_server.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

namespace {

constexpr nanoseconds wait = pace{}.finalize_wait;

}  // namespace

TEST_CASE("election: votes are ordered by epoch, then zxid, then id", "[election]") {
  CHECK(for_(1, 2, 1) > for_(3, 1, 9));
  CHECK(for_(1, 1, 6) > for_(3, 1, 5));
  CHECK(for_(3, 1, 5) > for_(2, 1, 5));
  CHECK(for_(0, 1, 5) < for_(1, 1, 5));
}

TEST_CASE("election: whoever looks begins a round and tells everybody its own vote", "[election]") {
  one_server s{1, 3};
  CHECK(s.look() == lines{"to 2: looks 1 for 1@1.5", "to 3: looks 1 for 1@1.5"});
  CHECK(s.look() == lines{"to 2: looks 2 for 1@1.5", "to 3: looks 2 for 1@1.5"});
}

TEST_CASE("election: a better vote of the same round is taken over and told", "[election]") {
  one_server s{2, 5};
  s.look();
  CHECK(s.hear(3, looking(1, for_(3))) ==
        lines{"to 1: looks 1 for 3@1.5", "to 3: looks 1 for 3@1.5", "to 4: looks 1 for 3@1.5",
              "to 5: looks 1 for 3@1.5"});
  CHECK(s.hear(1, looking(1, for_(1))) == lines{"to 1: looks 1 for 3@1.5"});
  CHECK(s.hear(1, looking(1, for_(1))).empty());  // it has been told
}

TEST_CASE("election: a newer round is joined, with what this server has itself", "[election]") {
  one_server s{2, 5};
  s.look();
  s.hear(3, looking(1, for_(3)));
  s.hear(1, looking(7, for_(1)));
  CHECK(s.core.round() == 7);
  CHECK(s.core.choice() == for_(2));  // what 3 said belongs to the old round
  s.hear(3, decided(7, for_(2)));
  s.pass(10s);
  CHECK_FALSE(s.decided);
  s.hear(4, looking(9, for_(4)));
  CHECK(s.core.round() == 9);
  CHECK(s.core.choice() == for_(4));
}

TEST_CASE("election: what was heard in the round before is forgotten", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, looking(1, for_(2)));
  s.hear(3, looking(1, for_(2)));
  s.hear(4, looking(2, for_(2)));
  s.pass(10s);
  CHECK(s.core.choice() == for_(2));
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: votes of an older round do not count, who is behind is told", "[election]") {
  one_server s{1, 3};
  s.look();
  s.look();
  CHECK(s.hear(3, looking(1, for_(3))) == lines{"to 3: looks 2 for 1@1.5"});
  CHECK(s.core.choice() == for_(1));
  s.hear(2, looking(1, for_(1)));
  CHECK_FALSE(s.decided);
  // Those who have decided do not ask; whoever has for this server must know that it looks.
  CHECK(s.hear(3, decided(1, for_(3))).empty());
  CHECK(s.hear(3, decided(1, for_(1))) == lines{"to 3: looks 2 for 1@1.5"});
}

TEST_CASE("election: a quorum with the same vote decides, half of an even number does not",
          "[election]") {
  one_server s{1, 4};
  s.look();
  s.hear(2, looking(1, for_(2)));
  s.pass(1s);
  CHECK_FALSE(s.decided);
  s.hear(3, looking(1, for_(2)));
  s.pass(wait);
  REQUIRE(s.decided);
  CHECK(s.decided->leader == server_id{2});
  CHECK(s.decided->round == 1);
  CHECK(s.decided->support == std::vector<server_id>{{1}, {2}, {3}});
}

TEST_CASE("election: the wait lets a better vote in", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, looking(1, for_(3)));
  s.hear(3, looking(1, for_(3)));
  CHECK(s.pass(wait - 1ns).empty());
  CHECK(s.hear(4, looking(1, for_(4))).size() == 4);
  s.pass(wait);
  CHECK_FALSE(s.decided);
  s.hear(3, looking(1, for_(4)));
  CHECK(s.pass(wait - 1ns).empty());
  CHECK(s.pass(1ns) == lines{"elected 4 in round 1"});
}

TEST_CASE("election: the wait ends after its time, not before", "[election]") {
  one_server s{1, 3};
  s.look();
  s.hear(2, looking(1, for_(2)));
  CHECK(s.pass(wait - 1ns).empty());
  CHECK(s.pass(1ns) == lines{"elected 2 in round 1"});
}

TEST_CASE("election: nobody is waited for who was heard or cannot be reached", "[election]") {
  one_server all{1, 3};
  all.look();
  all.hear(2, looking(1, for_(3)));
  CHECK(all.hear(3, looking(1, for_(3))).back() == "elected 3 in round 1");

  one_server one_is_dead{1, 3};
  one_is_dead.link_down(3);
  one_is_dead.look();
  CHECK(one_is_dead.hear(2, looking(1, for_(2))).back() == "elected 2 in round 1");
}

TEST_CASE("election: agreement that is lost during the wait decides nothing", "[election]") {
  one_server s{1, 5};
  s.look();
  s.hear(2, looking(1, for_(2)));
  s.hear(3, looking(1, for_(2)));
  s.link_down(3);
  s.pass(10s);
  CHECK_FALSE(s.decided);
}

TEST_CASE("election: a single voter elects itself at once", "[election]") {
  one_server s{1, 1};
  CHECK(s.look() == lines{"elected 1 in round 1"});
}

TEST_CASE("election: without members there is no decision until they are known", "[election]") {
  one_server s{1, 0};
  CHECK(s.look().empty());
  CHECK(s.pass(10s).empty());
  s.core.set_members(voters(1), s.now);
  CHECK(s.take() == lines{"elected 1 in round 1"});
}

TEST_CASE("election: what was said is repeated, less and less often", "[election]") {
  pace slow;
  slow.repeat_first = 50ms;
  slow.repeat_most = 200ms;
  one_server s{1, 3, slow};
  s.look();
  s.link_down(3);
  CHECK(s.pass(49ms).empty());
  std::vector<nanoseconds> when;
  const auto begin = s.now;
  while (s.now - begin < 800ms) {
    s.now = *s.core.next_wake();
    s.core.wake(s.now);
    CHECK(s.take() == lines{"to 2: looks 1 for 1@1.5"});
    when.push_back(s.now - monotonic_time{1s});
  }
  CHECK(when == std::vector<nanoseconds>{50ms, 150ms, 350ms, 550ms, 750ms, 950ms});
  s.hear(2, looking(1, for_(1, 1, 9)));  // nonsense about itself begins a round, and a new pace
  s.now = s.now + 50ms;
  CHECK(s.core.next_wake() <= s.now);
}

TEST_CASE("election: a link that comes up is told", "[election]") {
  one_server s{1, 3};
  s.link_down(2);
  s.look();
  CHECK(s.link_up(2) == lines{"to 2: looks 1 for 1@1.5"});
  s.settle(3, 4);
  s.link_down(2);
  CHECK(s.link_up(2).empty());
}
