// What a server makes of what others say.
#include <algorithm>
#include <utility>

#include "actors/election/core/fast_election.hpp"

namespace troupe::election {

namespace {

/// No honest server is this far ahead; a wrong number must not use up the rounds.
constexpr std::uint64_t furthest_round = std::uint64_t{1} << 48;

}  // namespace

fast_election::ballot fast_election::ballot_of(const notification& heard) {
  return {heard.choice, heard.blank, heard.founder && !heard.blank, heard.empty};
}

void fast_election::receive(server_id from, const notification& heard, monotonic_time now) {
  const bool sensible = heard.round < round_ || heard.round - round_ <= furthest_round;
  if (from == self_ || !links_.contains(from) || !sensible) {
    ++refused_;
    return;
  }
  if (heard.stance == stance::settled) return hear_settled(from, heard);
  hear_looking(from, heard, now);
}

// ------------------------------------------------------- peers that look too

void fast_election::hear_looking(server_id from, const notification& heard, monotonic_time now) {
  statements_.erase(from);
  if (heard.stance == stance::decided && counts(from))
    verdicts_[from] = {heard.round, ballot_of(heard)};
  else
    verdicts_.erase(from);
  // Only those who look are answered, and only by voters: answers that are answered never end.
  const bool asks = heard.stance == stance::looking;
  const bool answers = asks && counts(self_);
  if (asks)
    lookers_.insert(from);
  else
    lookers_.erase(from);
  switch (stage_) {
  case stage::idle:
    return;
  case stage::settled:
    if (answers || misses_leader(heard)) tell(from);
    return;
  case stage::decided:
    if (gives_up(from, heard) || loses_support(from, heard)) {
      stage_ = stage::looking;
      if (joined_)
        begin_next_round(now);
      else if (heard.round == round_)
        tell_all(now);
      if (stage_ == stage::looking && heard.round >= round_) record(from, heard, now);
      return;
    }
    if (answers && !joined_) tell(from);
    return;
  case stage::looking:
    // Peers that are behind catch up by the answer, learners learn, and whoever has decided for
    // this server looks again.
    if (counts(from) && heard.round >= round_)
      record(from, heard, now);
    else if (answers || (counts(self_) && heard.choice.leader == self_))
      tell(from);
    if (!asks && stage_ == stage::looking) join_decided(heard.choice.leader);
  }
}

/// Somebody has been elected by those who count, and says so itself: a vote for another one could
/// only keep this server out. Whoever has more than the elected one waits until that is settled,
/// because a leader gives way to it before.
void fast_election::join_decided(server_id leader) {
  const auto of_leader = verdicts_.find(leader);
  if (of_leader == verdicts_.end() || !may_vote_for(leader)) return;
  const auto& [round, said] = of_leader->second;
  if (said.choice.leader != leader) return;
  if (std::pair{said.choice.epoch, said.choice.last} < std::pair{own_.epoch, own_.last}) return;
  std::vector<server_id> support;
  for (const auto& [server, other] : verdicts_)
    if (other.round == round && other.cast.choice == said.choice && has_vote(other.cast))
      support.push_back(server);
  if (!is_quorum(support)) return;
  vote_ = said.choice;
  // Of another round's election this server is no witness.
  joined_ = round != round_;
  decide(std::move(support));
}

/// Whether somebody has decided for another server than the one that this one has settled with: it
/// slept meanwhile, or could not be reached.
bool fast_election::misses_leader(const notification& heard) const {
  const auto decided_for = heard.choice.leader;
  return heard.stance == stance::decided && counts(self_) && decided_for != server_id{} &&
         decided_for != vote_.leader;
}

/// Whether the one that was elected says that it will not lead: it looks in a newer round, or votes
/// for somebody better in this one.
bool fast_election::gives_up(server_id from, const notification& heard) const {
  if (from != vote_.leader || from == self_) return false;
  const auto other = heard.choice.leader;
  return joined_ || heard.round > round_ ||
         (heard.round == round_ && other != from && other != server_id{});
}

/// Whether this server was elected itself, and no quorum wants that any more after this: somebody
/// better came before those who voted for this server had decided. It would wait for them in vain.
bool fast_election::loses_support(server_id from, const notification& heard) {
  if (vote_.leader != self_ || !counts(from) || heard.round != round_) return false;
  ballots_.insert_or_assign(from, ballot_of(heard));
  return !is_quorum(support());
}

void fast_election::record(server_id from, const notification& heard, monotonic_time now) {
  const auto before = own();
  if (heard.round > round_) reset_round(heard.round);
  const auto& choice = heard.choice;
  const auto cast = ballot_of(heard);
  const bool unheard = ballots_.insert_or_assign(from, cast).second;
  const auto license_before = license_;
  if (lose_license()) return begin_next_round(now);
  // A vote for this server that promises more than it has stems from an earlier life of it.
  const bool outdated =
      counts(self_) && has_vote(cast) && choice.leader == self_ && choice > initial_vote();
  if (outdated) return begin_next_round(now);
  if (const auto first = initial_vote(); better(first, vote_)) adopt(first);
  if (license_ != license_before) adopt_best_heard();
  if (has_vote(cast) && may_vote_for(choice.leader) && better(choice, vote_)) adopt(choice);
  if (own() != before) {
    tell_all(now);
  } else if (unheard && choice != vote_ && counts(self_)) {
    tell(from);  // it may not have looked yet when this server told everybody
  }
  consider(now);
}

// --------------------------------------------------- peers that have a leader

void fast_election::hear_settled(server_id from, const notification& heard) {
  lookers_.erase(from);
  verdicts_.erase(from);
  if (!counts(from)) return;
  const statement said{heard.choice.leader, heard.choice.epoch};
  statements_[from] = said;
  // Whoever has decided for one that nobody settles with would wait for it in vain.
  const bool open =
      stage_ == stage::looking || (stage_ == stage::decided && said.leader != vote_.leader);
  // One of an epoch before this server's own has been replaced, and may not know it yet.
  if (!open || said.epoch < own_.epoch || said.leader == self_) return;
  const auto leader = statements_.find(said.leader);
  if (leader == statements_.end() || leader->second != said) return;
  // Whoever votes and would follow completes the quorum: a leader may just have lost it with this
  // server's former life. Rounds and zxids are not compared, only (leader, epoch). Who has decided
  // for another one does not complete it: its own leader may be the newer.
  std::vector<server_id> support;
  if (stage_ == stage::looking && !own_.blank && counts(self_)) support.push_back(self_);
  for (const auto& [server, other] : statements_)
    if (other == said) support.push_back(server);
  if (is_quorum(support)) join(said.leader, heard.round, std::move(support));
}

void fast_election::join(server_id leader, std::uint64_t round, std::vector<server_id> support) {
  round_ = std::max(round_, round);
  vote_.leader = leader;
  joined_ = true;
  decide(std::move(support));
}

}  // namespace troupe::election
