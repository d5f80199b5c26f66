// Sessions that clients go on with, here or at another server (protocol section 2.6).
#include <algorithm>
#include <utility>

#include <troupe/base/session_password.hpp>

#include "actors/session/session_actor.hpp"

namespace troupe::session {

namespace {

/// More are not kept while a new leader gets ready; their clients ask again. Correct servers have
/// at most one for each connection.
constexpr std::size_t most_early_claims = 100'000;

}  // namespace

void session_actor::resume(const role::session::resume& message) {
  if (secret_.empty() && !decides()) return wait_for_secret(message);
  // One answer for a wrong password and for a session that is gone: nobody learns which ids exist.
  if (secret_.empty() || !is_session_password(secret_, message.session, message.password))
    return refuse(message);
  if (decides()) return resume_here(message);
  const auto asked = waiting_.emplace(++last_claim_, message).first;
  if (serving_) ask_leader({*asked});
}

void session_actor::resume_here(const role::session::resume& message) {
  if (!deadlines_.alive(message.session)) return refuse(message);
  const auto timeout = negotiate(message.timeout);
  note_timeout(message.session, timeout);
  const auto former =
      deadlines_.resume(message.session, {server_, message.lane}, timeout, clock_.now());
  if (ensemble_) hand_over(message.session, former.server, server_);
  accept(message, timeout, former);
  schedule();
}

void session_actor::accept(const role::session::resume& message, milliseconds timeout,
                           session_owner former) {
  ++resumed_;
  tell_lanes(message.session, former, message.lane);
  if (const auto lane = lanes_.find(message.lane); lane != lanes_.end())
    lane->second.send(
        role::session::resumed{message.sequence, true, message.session, timeout, message.password});
}

void session_actor::refuse(const role::session::resume& message) {
  const auto lane = lanes_.find(message.lane);
  if (lane == lanes_.end()) return;
  role::session::resumed answer;
  answer.sequence = message.sequence;
  lane->second.send(std::move(answer));
}

/// Nobody has told who opened a session, so without a former owner every other lane may have it.
void session_actor::tell_lanes(session_id session, session_owner former, std::uint32_t but) {
  const bool known = former.server == server_ && former.lane != 0;
  for (const auto& [number, lane] : lanes_)
    if (number != but && (!known || number == former.lane))
      lane.send(role::session::moved{session});
}

/// The first session of all, with which the key of passwords comes, may be on its way here. If none
/// comes within a tick, there is no session.
void session_actor::wait_for_secret(const role::session::resume& message) {
  unchecked_.push_back(message);
  if (secret_timer_) return;
  secret_timer_ = timers_.after(tick_, [this] {
    secret_timer_.reset();
    for (const auto& one : std::exchange(unchecked_, {}))
      refuse(one);
  });
}

void session_actor::check_passwords() {
  secret_timer_.reset();
  for (const auto& one : std::exchange(unchecked_, {}))
    resume(one);
}

// ----------------------------------------------------------- who has to ask

void session_actor::ask_leader(const std::map<std::uint64_t, role::session::resume>& all) {
  if (all.empty()) return;
  role::broadcast::ask_leader question;
  for (const auto& [token, one] : all)
    question.claims.push_back({token, one.session, negotiate(one.timeout)});
  broadcast_.send(std::move(question));
}

/// Answers may have been lost with the leader, so all that wait are asked for again; the second
/// answer to a question finds nobody.
void session_actor::go_on_with_resumes() {
  if (!serving_) early_claims_.clear();  // who asked has lost this leader, and asks the next one
  if (!leading_) {
    if (serving_ && ensemble_) ask_leader(waiting_);
    return;
  }
  check_passwords();
  for (const auto& [token, one] : std::exchange(waiting_, {}))
    resume_here(one);
  for (const auto& one : std::exchange(early_claims_, {}))
    claims_asked(one);
}

void session_actor::claims_answered(const role::broadcast::claims_answered& message) {
  for (const auto& answer : message.answers) {
    auto asked = waiting_.extract(answer.token);
    if (asked.empty()) continue;
    const auto& one = asked.mapped();
    if (!answer.alive) {
      refuse(one);
      continue;
    }
    accept(one, answer.timeout, deadlines_.moved(one.session, {server_, one.lane}));
  }
}

void session_actor::sessions_moved(const role::broadcast::sessions_moved& message) {
  for (const auto session : message.sessions)
    tell_lanes(session, deadlines_.moved(session, {}));
}

// ------------------------------------------------------------- who is asked

void session_actor::claims_asked(const role::broadcast::claims_asked& message) {
  if (!leading_) {
    if (early_claims_.size() < most_early_claims) early_claims_.push_back(message);
    return;
  }
  role::broadcast::answer_claims answer;
  answer.to = message.from;
  for (const auto& claim : message.claims)
    answer.answers.push_back(judge(message.from, claim));
  broadcast_.send(std::move(answer));
  schedule();
}

claim_answer session_actor::judge(server_id from, const session_claim& claim) {
  // One that is closing may be gone before the client could use it.
  if (!deadlines_.alive(claim.session)) return {claim.token, false, {}};
  const auto timeout = negotiate(claim.timeout);
  note_timeout(claim.session, timeout);
  const auto former = deadlines_.resume(claim.session, {from, 0}, timeout, clock_.now());
  hand_over(claim.session, former.server, from);
  if (former.server == server_ || former.server == server_id{}) tell_lanes(claim.session, former);
  return {claim.token, true, timeout};
}

/// Every later leader must give the session the time that its client was promised, so the history
/// has to know of it.
void session_actor::note_timeout(session_id session, milliseconds timeout) {
  if (!deadlines_.must_note(session, timeout)) return;
  role::broadcast::submit submit;
  auto& request = submit.requests.emplace_back();
  request.session = session;
  request.op = create_session_op{timeout};
  broadcast_.send(std::move(submit));
}

/// Before the client hears that it may go on: what it left behind in its old server must not be
/// done after what comes now.
void session_actor::hand_over(session_id session, server_id former, server_id to) {
  tree_.send(role::tree::session_owned{session, to});
  if (former != to && former != server_)
    broadcast_.send(role::broadcast::tell_moved{session, former, to});
}

}  // namespace troupe::session
