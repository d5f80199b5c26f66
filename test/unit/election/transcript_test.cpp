// Elections to be read: what is said, by whom, until somebody is elected.
#include <catch2/catch.hpp>

#include "test/unit/election/conversation.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

TEST_CASE("election transcript: three servers start", "[election][transcript]") {
  conversation c{3};
  c.link_all();
  c.look(1, {1, {5}});
  c.look(2, {1, {6}});
  c.look(3, {1, {5}});
  CHECK(c.take() == said(R"(
    1 to 2: looks 1 for 1@1.5
    1 to 3: looks 1 for 1@1.5
    2 to 1: looks 1 for 2@1.6
    2 to 3: looks 1 for 2@1.6
    3 elects 2 in round 1
    3 to 1: looks 1 for 3@1.5
    1 elects 2 in round 1
    3 to 2: looks 1 for 3@1.5
    2 to 1: looks 1 for 2@1.6
    3 to 1: looks 1 for 3@1.5
    1 to 2: looks 1 for 2@1.6
    2 elects 2 in round 1
    1 to 3: looks 1 for 2@1.6
    3 to 1: looks 1 for 2@1.6
    3 to 2: looks 1 for 2@1.6
    1 to 3: looks 1 for 2@1.6
    2 to 3: looks 1 for 2@1.6
    1 to 2: decided 1 for 2@1.6
    1 to 3: decided 1 for 2@1.6
    3 to 1: decided 1 for 2@1.6
    1 to 3: decided 1 for 2@1.6
    2 to 3: decided 1 for 2@1.6
    3 to 1: decided 1 for 2@1.6
    3 to 2: decided 1 for 2@1.6
  )"));
}

TEST_CASE("election transcript: the leader is killed", "[election][transcript]") {
  conversation c{3};
  c.link_all();
  for (const auto id : {1U, 2U, 3U})
    c.settle(id, 3, 4);
  c.kill(3);
  c.look(1, {4, {9}});
  CHECK(c.take() == said(R"(
    1 to 2: looks 1 for 1@4.9
    2 to 1: has leader 3 of epoch 4
  )"));
  c.look(2, {4, {8}});
  CHECK(c.take() == said(R"(
    2 to 1: looks 1 for 2@4.8
    1 to 2: looks 1 for 1@4.9
    2 elects 1 in round 1
    2 to 1: looks 1 for 1@4.9
    1 elects 1 in round 1
  )"));
}

TEST_CASE("election transcript: the leader hangs and its links stay up", "[election][transcript]") {
  conversation c{3};
  c.link_all();
  c.settle(3, 0, 0);  // it says nothing of use any more
  c.look(1, {4, {9}});
  c.look(2, {4, {9}});
  CHECK(c.take() == said(R"(
    1 to 2: looks 1 for 1@4.9
    1 to 3: looks 1 for 1@4.9
    2 to 1: looks 1 for 2@4.9
    2 to 3: looks 1 for 2@4.9
    2 to 1: looks 1 for 2@4.9
    3 to 1: has leader 0 of epoch 0
    1 to 2: looks 1 for 2@4.9
    1 to 3: looks 1 for 2@4.9
    3 to 2: has leader 0 of epoch 0
    3 to 1: has leader 0 of epoch 0
  )"));
  c.pass(20ms);
  CHECK(c.take() == said(R"(
    1 elects 2 in round 1
    2 elects 2 in round 1
  )"));
}

TEST_CASE("election transcript: a follower comes back to its leader", "[election][transcript]") {
  conversation c{3};
  c.link(2, 3);
  c.settle(2, 3, 4);
  c.settle(3, 3, 4);
  c.look(1, {3, {9}});
  c.link_all();
  CHECK(c.take() == said(R"(
    1 to 2: looks 1 for 1@3.9
    1 to 3: looks 1 for 1@3.9
    2 to 1: has leader 3 of epoch 4
    3 to 1: has leader 3 of epoch 4
    1 elects 3 in round 1
  )"));
}

TEST_CASE("election transcript: a member with an empty disk and another one elect nobody",
          "[election][transcript]") {
  conversation c{3};
  c.link(1, 2);
  c.look(1, {0, {}, true, true});
  c.look(2, {4, {9}});
  CHECK(c.take() == said(R"(
    1 to 2: blank, looks 1 for 0@0.0
    2 to 1: looks 1 for 2@4.9
    2 to 1: looks 1 for 2@4.9
  )"));
  c.pass(50ms);
  CHECK(c.take() == said(R"(
    1 to 2: blank, looks 1 for 0@0.0
    2 to 1: looks 1 for 2@4.9
  )"));
}

TEST_CASE("election transcript: first start", "[election][transcript]") {
  conversation c{3};
  c.link_all();
  for (const auto id : {1U, 2U, 3U})
    c.look(id, {0, {}, true, true});
  CHECK(c.take() == said(R"(
    1 to 2: blank, looks 1 for 0@0.0
    1 to 3: blank, looks 1 for 0@0.0
    2 to 1: blank, looks 1 for 0@0.0
    2 to 3: blank, looks 1 for 0@0.0
    3 to 1: blank, looks 1 for 0@0.0
    3 to 2: blank, looks 1 for 0@0.0
    3 to 1: blank, looks 1 for 3@0.0
    3 to 2: blank, looks 1 for 3@0.0
    1 to 2: blank, looks 1 for 1@0.0
    2 elects 3 in round 1
    1 to 3: blank, looks 1 for 1@0.0
    2 to 1: blank, looks 1 for 2@0.0
    1 elects 3 in round 1
    2 to 3: blank, looks 1 for 2@0.0
    1 to 2: blank, looks 1 for 3@0.0
    1 to 3: blank, looks 1 for 3@0.0
    3 elects 3 in round 1
    2 to 1: blank, looks 1 for 3@0.0
    2 to 3: blank, looks 1 for 3@0.0
    2 to 1: blank, decided 1 for 3@0.0
    1 to 2: blank, decided 1 for 3@0.0
    3 to 2: blank, decided 1 for 3@0.0
  )"));
}

TEST_CASE("election transcript: one that has given up meets those who have decided",
          "[election][transcript]") {
  conversation c{3};
  c.link(1, 3);
  c.look(1);
  c.look(3);
  c.take();
  c.look(2);
  c.look(2);
  c.link(1, 2);
  CHECK(c.take() == said(R"(
    2 to 1: looks 2 for 2@1.5
    1 to 2: decided 1 for 3@1.5
  )"));
  c.link(2, 3);
  CHECK(c.take() == said(R"(
    2 to 3: looks 2 for 2@1.5
    3 to 2: decided 1 for 3@1.5
    2 elects 3 in round 2
  )"));
}
