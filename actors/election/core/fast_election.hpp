/// Fast leader election as a pure state machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <troupe/base/quorum.hpp>
#include <troupe/base/time.hpp>

#include "actors/election/core/notification.hpp"

namespace troupe::election {

/// How long things take; all above zero.
struct pace {
  /// A quorum that agrees waits so long for a better vote of somebody who can be reached and was
  /// not heard in this round.
  nanoseconds finalize_wait{std::chrono::milliseconds{20}};
  /// What was said is said again after this time, and then after twice as long each time,
  nanoseconds repeat_first{std::chrono::milliseconds{50}};
  /// up to this time.
  nanoseconds repeat_most{std::chrono::seconds{1}};
};

/// Who should lead, as found in `round`. `support` are the servers whose votes or statements made
/// it so, this one included if it counts.
struct decision {
  server_id leader;
  std::uint64_t round = 0;
  std::vector<server_id> support;
};

/// What the election wants done: the notifications in order, and then the decision.
struct effects {
  std::vector<std::pair<server_id, notification>> sends;
  std::optional<decision> elected;
};

enum class stage : std::uint8_t {
  idle,     ///< not asked yet
  looking,  ///< for a leader
  decided,  ///< told the broadcast whom to follow; not yet heard that it does
  settled,  ///< follows or leads
};

/// One server's part in fast leader election (zookeeper-protocol section 11.3).
///
/// While it looks, a server tells every peer whom it would have lead, and takes over any better
/// vote that it hears in the same *round*; rounds keep votes of different elections apart. Once a
/// quorum has the same vote, that is the decision. A server that finds others settled joins their
/// leader. The decision is a hint: the epoch is taken, and safety is kept, by the broadcast.
///
/// Three rules are ours. Only candidates that can be reached are voted for, and when the one that
/// this server votes for cannot be reached any more, a new round begins; so nobody waits for the
/// dead. The wait for better votes is skipped when everybody who can be reached was heard. And
/// until its broadcast has settled, a server that has decided goes on telling its vote, so that
/// others come to the same decision: whoever hears that a quorum has decided, the elected one among
/// it, joins at once, also if it would have preferred another. It looks again if it hears that its
/// leader does, or that its leader prefers another; and if it was elected itself, when no quorum
/// wants that any more. If a quorum without it has settled with another leader meanwhile, it is
/// told so, and joins.
///
/// Servers that do not vote (observers) look and decide in the same way, but are heard by nobody.
/// A voter without an identity has no vote either, with two exceptions: all are empty, which is the
/// first start; or it hears the founder, whom it may vote for, which is how one server grows.
///
/// Why all being empty is safe, also when some have promised an epoch already: a transaction can
/// only be committed, and anything be told to a client, after a quorum has durably claimed the
/// epoch (`currentEpoch`). When every voter says in one round that it never claimed one, none of
/// them has ever been part of that quorum, or all who were have lost their disks, which no
/// ensemble survives. So there is nothing that a server without identity could have forgotten but a
/// promise; and the next leader waits for all voters too and takes an epoch above all their
/// promises, among them that of whoever asked for the forgotten one, who wrote it down first.
///
/// Total: any notification from anybody is taken; those that make no sense are counted and left.
/// No clock: every input carries the time, and `wake` wants to be called when `next_wake` is due.
class fast_election {
public:
  explicit fast_election(server_id self, pace pace = {});
  virtual ~fast_election() = default;

  /// Who votes. Before that is known there is no quorum and so no decision.
  void set_members(quorum_system voters, monotonic_time now);
  /// Messages to and from the peer get through from now on.
  void link_up(server_id peer);
  /// They do not any more: what the peer said counts no longer.
  void link_down(server_id peer, monotonic_time now);

  /// This server has no leader (any more): begins a round of its own.
  void look(const candidacy& own, monotonic_time now);
  /// This server follows or leads: those who look are told.
  void settle(server_id leader, std::uint32_t epoch);

  void receive(server_id from, const notification& heard, monotonic_time now);
  void wake(monotonic_time now);

  [[nodiscard]] std::optional<monotonic_time> next_wake() const;
  [[nodiscard]] effects take_effects() { return std::exchange(effects_, {}); }

  [[nodiscard]] election::stage stage() const noexcept { return stage_; }
  [[nodiscard]] std::uint64_t round() const noexcept { return round_; }
  [[nodiscard]] const vote& choice() const noexcept { return vote_; }
  /// Whether the newest decision came from settled servers, not from votes.
  [[nodiscard]] bool joined() const noexcept { return joined_; }
  /// Notifications that made no sense.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

protected:
  // The rules on which safety rests, each by itself: a test that breaks one must be noticed.

  /// Whether `one` is to be preferred.
  [[nodiscard]] virtual bool better(const vote& one, const vote& other) const;
  /// Whether these may decide.
  [[nodiscard]] virtual bool is_quorum(std::span<const server_id> servers) const;
  /// Whether the server's votes and statements count.
  [[nodiscard]] virtual bool counts(server_id server) const;
  /// Whether this server has no vote of its own in this round.
  [[nodiscard]] virtual bool abstains() const;

  [[nodiscard]] const quorum_system& voters() const noexcept { return voters_; }

private:
  struct ballot {
    vote choice;
    bool blank = false;
    bool founder = false;
    bool empty = false;
  };
  /// The vote of one that has decided, and the round in which it did.
  struct verdict {
    std::uint64_t round = 0;
    ballot cast;
  };
  /// Why servers without identity may vote; the greater one includes the right to stand.
  enum class license : std::uint8_t { none, founder_heard, all_empty };
  struct statement {
    server_id leader;
    std::uint32_t epoch = 0;
    bool operator==(const statement&) const = default;
  };

  void hear_looking(server_id from, const notification& heard, monotonic_time now);
  void hear_settled(server_id from, const notification& heard);
  [[nodiscard]] bool misses_leader(const notification& heard) const;
  [[nodiscard]] bool gives_up(server_id from, const notification& heard) const;
  [[nodiscard]] static ballot ballot_of(const notification& heard);
  [[nodiscard]] bool loses_support(server_id from, const notification& heard);
  void record(server_id from, const notification& heard, monotonic_time now);
  void join_decided(server_id leader);
  void join(server_id leader, std::uint64_t round, std::vector<server_id> support);

  void begin_next_round(monotonic_time now);
  void reset_round(std::uint64_t round);
  void adopt(const vote& choice);
  void forget_candidate(monotonic_time now);
  [[nodiscard]] license find_license() const;
  [[nodiscard]] bool lose_license();
  void adopt_best_heard();
  void consider(monotonic_time now);
  void decide(std::vector<server_id> support);

  [[nodiscard]] vote initial_vote() const;
  [[nodiscard]] bool may_vote_for(server_id candidate) const;
  [[nodiscard]] bool has_vote(const ballot& cast) const;
  [[nodiscard]] std::vector<server_id> support() const;
  [[nodiscard]] bool everyone_heard() const;
  [[nodiscard]] notification own() const;
  void tell(server_id peer);
  void tell_all(monotonic_time now);
  void repeat_later(monotonic_time now);

  const server_id self_;
  const pace pace_;
  quorum_system voters_;
  candidacy own_;
  election::stage stage_ = stage::idle;

  std::uint64_t round_ = 0;
  vote vote_;
  license license_ = license::none;
  bool joined_ = false;
  std::map<server_id, ballot> ballots_;        ///< of voters, in this round
  std::map<server_id, verdict> verdicts_;      ///< of voters that have decided, since `look`
  std::map<server_id, statement> statements_;  ///< of settled voters, since `look`
  std::set<server_id> links_;
  std::set<server_id> lookers_;  ///< who was last heard to look

  std::optional<monotonic_time> finalize_at_, repeat_at_;
  nanoseconds repeat_after_{0};
  std::uint64_t refused_ = 0;
  effects effects_;
};

}  // namespace troupe::election
