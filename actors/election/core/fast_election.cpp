#include "actors/election/core/fast_election.hpp"

#include <algorithm>
#include <utility>

namespace troupe::election {

fast_election::fast_election(server_id self, pace pace) : self_(self), pace_(pace) {}

// ------------------------------------------------------------------- inputs

void fast_election::set_members(quorum_system voters, monotonic_time now) {
  if (voters == voters_) return;
  voters_ = std::move(voters);
  if (stage_ == stage::looking) begin_next_round(now);
}

void fast_election::link_up(server_id peer) {
  if (peer == self_) return;
  links_.insert(peer);
  if (stage_ != stage::looking) return;
  tell(peer);
}

void fast_election::link_down(server_id peer, monotonic_time now) {
  links_.erase(peer);
  lookers_.erase(peer);
  statements_.erase(peer);
  verdicts_.erase(peer);
  ballots_.erase(peer);
  if (stage_ != stage::looking) return;
  if (vote_.leader == peer) return forget_candidate(now);
  if (lose_license()) return begin_next_round(now);
  consider(now);
}

void fast_election::look(const candidacy& own, monotonic_time now) {
  own_ = own;
  stage_ = stage::looking;
  statements_.clear();
  verdicts_.clear();
  begin_next_round(now);
}

void fast_election::settle(server_id leader, std::uint32_t epoch) {
  stage_ = stage::settled;
  vote_ = {epoch, {}, leader};
  finalize_at_.reset();
  repeat_at_.reset();
  if (!counts(self_)) return;
  for (const auto peer : lookers_)
    tell(peer);
}

void fast_election::wake(monotonic_time now) {
  if (stage_ != stage::looking) return;
  if (finalize_at_ && *finalize_at_ <= now) return decide(support());
  if (repeat_at_ && *repeat_at_ <= now) {
    for (const auto peer : links_)
      tell(peer);
    repeat_after_ = std::min(2 * repeat_after_, pace_.repeat_most);
    repeat_later(now);
  }
}

std::optional<monotonic_time> fast_election::next_wake() const {
  if (!finalize_at_) return repeat_at_;
  return repeat_at_ ? std::min(*finalize_at_, *repeat_at_) : finalize_at_;
}

// ------------------------------------------------------------------- rounds

void fast_election::begin_next_round(monotonic_time now) {
  // Who does not vote follows the voters' rounds, whatever they are.
  reset_round(counts(self_) ? round_ + 1 : 0);
  tell_all(now);
  consider(now);
}

void fast_election::reset_round(std::uint64_t round) {
  round_ = round;
  ballots_.clear();
  license_ = find_license();  // without anybody else only that of the single voter
  joined_ = false;
  finalize_at_.reset();
  vote_ = initial_vote();
}

void fast_election::adopt(const vote& choice) {
  vote_ = choice;
  finalize_at_.reset();
}

/// The one that this server votes for cannot be reached. Within a round votes only become better,
/// so another one takes a new round; whoever has no vote just forgets what it has heard.
void fast_election::forget_candidate(monotonic_time now) {
  if (!abstains()) return begin_next_round(now);
  adopt(initial_vote());
  adopt_best_heard();
  consider(now);
}

void fast_election::adopt_best_heard() {
  for (const auto& [server, cast] : ballots_)
    if (has_vote(cast) && may_vote_for(cast.choice.leader) && better(cast.choice, vote_))
      adopt(cast.choice);
}

/// Every voter has said in this round that it has nothing: nobody can have forgotten anything that
/// matters. Or the founder was heard: it has everything.
fast_election::license fast_election::find_license() const {
  if (!counts(self_)) return license::none;
  const auto& all = voters_.voters();
  if (own_.empty() && std::all_of(all.begin(), all.end(), [this](server_id voter) {
        const auto heard = ballots_.find(voter);
        return voter == self_ || (heard != ballots_.end() && heard->second.empty);
      }))
    return license::all_empty;
  // Whoever has claimed an epoch has forgotten something.
  return own_.blank && own_.epoch == 0 &&
                 std::any_of(ballots_.begin(), ballots_.end(),
                             [](const auto& heard) { return heard.second.founder; })
             ? license::founder_heard
             : license::none;
}

/// Looks at it again; whether there is less of it than before.
bool fast_election::lose_license() {
  const auto found = find_license();
  return std::exchange(license_, found) > found;
}

vote fast_election::initial_vote() const {
  if (abstains()) return {};
  const bool stands = own_.stands && (!own_.blank || license_ == license::all_empty);
  return {own_.epoch, own_.last, stands ? self_ : server_id{}};
}

// ----------------------------------------------------------------- decision

void fast_election::consider(monotonic_time now) {
  auto agreeing = support();
  if (vote_.leader == server_id{} || !is_quorum(agreeing)) return finalize_at_.reset();
  if (everyone_heard()) return decide(std::move(agreeing));
  if (!finalize_at_) finalize_at_ = now + pace_.finalize_wait;
}

void fast_election::decide(std::vector<server_id> support) {
  stage_ = stage::decided;
  finalize_at_.reset();
  repeat_at_.reset();
  effects_.elected = decision{vote_.leader, round_, std::move(support)};
}

/// Those whose vote in this round equals this server's, itself included if it has one.
std::vector<server_id> fast_election::support() const {
  std::vector<server_id> agreeing;
  if (!abstains()) agreeing.push_back(self_);
  for (const auto& [server, cast] : ballots_)
    if (has_vote(cast) && cast.choice == vote_) agreeing.push_back(server);
  return agreeing;
}

/// To one that has an identity, servers without one have no vote, unless all are empty.
bool fast_election::has_vote(const ballot& cast) const {
  return !cast.blank || own_.blank || own_.founder || license_ == license::all_empty;
}

/// Of a server without identity, saying that it is there is not yet its vote: that it casts once it
/// has heard of all. At the first start it is waited for, because its vote may be the best.
bool fast_election::everyone_heard() const {
  const bool first_start = license_ == license::all_empty;
  return std::all_of(links_.begin(), links_.end(), [&](server_id peer) {
    if (!counts(peer)) return true;
    const auto heard = ballots_.find(peer);
    return heard != ballots_.end() &&
           !(first_start && heard->second.blank && heard->second.choice.leader == server_id{});
  });
}

// -------------------------------------------------------------------- rules

bool fast_election::better(const vote& one, const vote& other) const { return one > other; }

bool fast_election::is_quorum(std::span<const server_id> servers) const {
  return voters_.is_quorum(servers);
}

bool fast_election::counts(server_id server) const { return voters_.is_voter(server); }

bool fast_election::abstains() const {
  return !counts(self_) || (own_.blank && license_ == license::none);
}

bool fast_election::may_vote_for(server_id candidate) const {
  return voters_.is_voter(candidate) && (candidate == self_ || links_.contains(candidate));
}

// ------------------------------------------------------------------ telling

notification fast_election::own() const {
  notification said;
  said.stance = stage_ == stage::settled   ? stance::settled
                : stage_ == stage::decided ? stance::decided
                                           : stance::looking;
  said.blank = own_.blank;
  said.founder = own_.founder;
  said.empty = own_.empty();
  said.round = round_;
  // Whoever has no vote does not hand on those of others either.
  if (stage_ == stage::settled || !abstains()) said.choice = vote_;
  return said;
}

void fast_election::tell(server_id peer) { effects_.sends.emplace_back(peer, own()); }

void fast_election::tell_all(monotonic_time now) {
  for (const auto peer : links_)
    tell(peer);
  repeat_after_ = pace_.repeat_first;
  repeat_later(now);
}

void fast_election::repeat_later(monotonic_time now) { repeat_at_ = now + repeat_after_; }

}  // namespace troupe::election
