// What session components tell each other goes through while both sides serve, and only then.
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {
namespace {

using namespace std::chrono_literals;

constexpr server_id one{1}, two{2}, three{3};

struct pair_of_members {
  explicit pair_of_members(server_id self)
      : core(
            [self] {
              settings fixed;
              fixed.self = self;
              const server_id all[] = {one, two, three};
              fixed.voters = quorum_system::majority(all);
              return fixed;
            }(),
            history{zxid{}, 1 << 20}, {1, 1, true}, monotonic_time{1s}) {
    core.start();
    for (const auto peer : {one, two, three})
      if (peer != self) core.link_up(peer);
  }
  std::string hears(server_id from, body said) {
    core.received(from, {1, std::move(said)});
    return does();
  }
  /// Only what concerns sessions, and ends.
  std::string does() {
    std::string all;
    for (const auto& any : core.take_effects()) {
      if (const auto* send = std::get_if<effect::send>(&any)) {
        const auto& said = send->message.body;
        const auto to = " to " + std::to_string(send->to.value) + "; ";
        if (std::holds_alternative<session_claims>(said)) all += "claims" + to;
        if (std::holds_alternative<session_answers>(said)) all += "answers" + to;
        if (std::holds_alternative<sessions_moved>(said)) all += "moved" + to;
        if (std::holds_alternative<leave>(said)) all += "leave" + to;
      } else if (const auto* asked = std::get_if<effect::session_claims>(&any)) {
        all += "asked by " + std::to_string(asked->from.value) + "; ";
      } else if (std::holds_alternative<effect::session_answers>(any)) {
        all += "answered; ";
      } else if (std::holds_alternative<effect::sessions_moved>(any)) {
        all += "told; ";
      }
    }
    return all;
  }

  member core;
};

const session_claims claims{{{1, {7}, milliseconds{4000}}}};
const session_answers answers{{{1, true, milliseconds{4000}}}};
const sessions_moved moved{{session_id{7}}};

}  // namespace

TEST_CASE("zab: a learner asks its leader about sessions while it serves") {
  pair_of_members it{two};
  it.core.ask_claims(claims.claims);
  it.core.elected(one);
  it.core.ask_claims(claims.claims);
  it.hears(one, new_epoch{2, false});
  it.core.epochs_written({2, 1, true});
  it.hears(one, new_leader{2});
  it.core.epochs_written({2, 2, true});
  it.core.ask_claims(claims.claims);
  CHECK(it.does().empty());
  it.hears(one, commit{{}, {}});
  it.core.ask_claims(claims.claims);
  CHECK(it.does() == "claims to 1; ");
  CHECK(it.hears(one, answers) == "answered; ");
  CHECK(it.hears(one, moved) == "told; ");
  CHECK(it.hears(three, answers).empty());
  CHECK(it.hears(one, claims) == "leave to 1; ");  // only learners ask
}

TEST_CASE("zab: a leader that answers before the learner serves is left") {
  for (const body& early : {body{answers}, body{moved}}) {
    pair_of_members it{two};
    it.core.elected(one);
    it.hears(one, new_epoch{2, false});
    CHECK(it.hears(one, early) == "leave to 1; ");
  }
}

TEST_CASE("zab: a leader answers those whom it serves, and tells former owners") {
  pair_of_members it{one};
  it.core.elected(one);
  it.hears(two, join{1, 1, {}, true});
  it.core.epochs_written({2, 1, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.core.answer_claims(two, answers.answers);
  it.core.tell_moved({7}, {}, three);
  it.core.epochs_written({2, 2, true});
  CHECK(it.does().empty());
  it.hears(two, leader_accepted{2});
  CHECK(it.hears(two, claims) == "asked by 2; ");
  it.core.answer_claims(two, answers.answers);
  it.core.answer_claims(three, answers.answers);  // which is not there
  CHECK(it.does() == "answers to 2; ");
  it.core.tell_moved({7}, two, three);
  it.core.tell_moved({7}, three, one);
  it.core.tell_moved({7}, {}, two);
  it.core.tell_moved({7}, {}, one);
  CHECK(it.does() == "moved to 2; moved to 2; ");
  it.hears(three, join{1, 1, {}, true});
  CHECK(it.hears(three, claims) == "leave to 3; ");
  CHECK(it.hears(two, moved) == "leave to 2; ");  // only leaders tell
}

}  // namespace troupe::broadcast::zab
