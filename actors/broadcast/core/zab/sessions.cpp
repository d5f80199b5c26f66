// Sessions that move between servers: what the session components of a learner and of its leader
// tell each other (REVALIDATE, protocol section 2.6). Only passed on; an answer that is lost with
// its conversation is asked for again by the learner's component once it serves.
#include <utility>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {

// ------------------------------------------------------------------ learner

outcome follower::take(session_answers& message) {
  if (phase_ != phase::broadcast) return give_up("it answered before this server served");
  shared_.out.emplace_back(effect::session_answers{std::move(message.answers)});
  return outcome::goes_on;
}

outcome follower::take(sessions_moved& message) {
  if (phase_ != phase::broadcast) return give_up("it told of sessions before this server served");
  shared_.out.emplace_back(effect::sessions_moved{std::move(message.sessions)});
  return outcome::goes_on;
}

void member::ask_claims(std::vector<session_claim> claims) {
  auto* const here = std::get_if<follower>(&role_);
  if (here && here->serving()) here->ask_claims(std::move(claims));
}

// ------------------------------------------------------------------- leader

outcome leader::take(server_id from, learner& one, session_claims& message) {
  if (phase_ != phase::broadcast || one.stage != stage::accepted) {
    drop(from, "it asked for sessions before it served");
    return outcome::goes_on;
  }
  shared_.out.emplace_back(effect::session_claims{from, std::move(message.claims)});
  return outcome::goes_on;
}

void leader::answer_claims(server_id to, std::vector<claim_answer> answers) {
  const auto known = learners_.find(to);
  if (known == learners_.end() || known->second.stage != stage::accepted) return;
  say(to, known->second, session_answers{std::move(answers)});
}

void leader::tell_moved(session_id session, server_id from, server_id to) {
  for (const auto& [id, one] : learners_) {
    const bool concerned = id != to && (from == server_id{} || from == id);
    if (concerned && one.stage == stage::accepted) say(id, one, sessions_moved{{session}});
  }
}

void member::answer_claims(server_id to, std::vector<claim_answer> answers) {
  auto* const here = std::get_if<leader>(&role_);
  if (here && here->established()) here->answer_claims(to, std::move(answers));
}

void member::tell_moved(session_id session, server_id from, server_id to) {
  auto* const here = std::get_if<leader>(&role_);
  if (here && here->established()) here->tell_moved(session, from, to);
}

}  // namespace troupe::broadcast::zab
