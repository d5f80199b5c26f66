// What session components tell each other goes through while both sides serve, and only then.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

const session_claims claims{{{1, {7}, milliseconds{4000}}}};
const session_answers answers{{{1, true, milliseconds{4000}}}};
const sessions_moved moved{{session_id{7}}};

}  // namespace

TEST_CASE("zab: a learner asks its leader about sessions while it serves") {
  script it{two};
  it.core.start();
  it.core.link_up(one);
  it.core.ask_claims(claims.claims);
  it.core.elected(one);
  it.core.ask_claims(claims.claims);
  CHECK(it.does() == "look, join to 1");
  it.hears(one, new_epoch{2, false});
  it.writes({2, 1, true, true});
  it.hears(one, new_leader{2, {}, 0});
  it.writes({2, 2, true, true});
  it.core.ask_claims(claims.claims);
  CHECK(it.does().empty());
  CHECK(it.hears(one, commit{{}, {}}) == "serve");
  it.core.ask_claims(claims.claims);
  CHECK(it.does() == "claims to 1");
  CHECK(it.hears(one, answers) == "answered");
  CHECK(it.hears(one, moved) == "told");
  CHECK(it.hears(three, answers).empty());
  // Only learners ask.
  CHECK(it.hears(one, claims) == "leave to 1, serve no more, look");
}

TEST_CASE("zab: a leader that answers before the learner serves is left") {
  for (const body& early : {body{answers}, body{moved}}) {
    script it{two};
    it.core.start();
    it.core.link_up(one);
    it.core.elected(one);
    it.does();
    CHECK(it.hears(one, early) == "leave to 1, look");
  }
}

TEST_CASE("zab: a leader answers those whom it serves, and tells former owners") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.core.link_up(three);
  it.does();
  it.hears(two, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true, true});
  it.locates({}, std::nullopt);
  it.core.answer_claims(two, answers.answers);
  it.core.tell_moved({7}, {}, three);
  CHECK(it.does().empty());
  it.hears(two, leader_accepted{2});
  CHECK(it.hears(two, claims) == "asked by 2");
  it.core.answer_claims(two, answers.answers);
  it.core.answer_claims(three, answers.answers);  // which is not there
  CHECK(it.does() == "answers to 2");
  it.core.tell_moved({7}, two, three);
  it.core.tell_moved({7}, three, one);
  it.core.tell_moved({7}, {}, two);
  it.core.tell_moved({7}, {}, one);
  CHECK(it.does() == "moved to 2, moved to 2");
  it.hears(three, join{1, 1, {}, true, false, true});
  CHECK(it.hears(three, claims) == "leave to 3");
  CHECK(it.hears(two, moved) == "leave to 2");  // only leaders tell
}

}  // namespace troupe::broadcast::zab
