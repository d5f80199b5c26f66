/// A server that leads, or tries to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/broadcast/core/local_order.hpp"
#include "actors/broadcast/core/zab/overview.hpp"
#include "actors/broadcast/core/zab/settings.hpp"

namespace troupe::broadcast::zab {

/// One attempt to lead: discovery (leader_discovery.cpp) collects promises from a quorum,
/// synchronisation (leader_synchronization.cpp, leader_snapshot.cpp) gives it this server's
/// history, broadcast (leader_broadcast.cpp, leader_rounds.cpp) commits what a quorum has made
/// durable. Whatever goes wrong ends the attempt.
///
/// Learners that are no voters are treated alike and count nowhere (ZOOKEEPER-2959).
class leader {
public:
  explicit leader(common shared);

  [[nodiscard]] bool established() const noexcept { return phase_ == phase::broadcast; }
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  /// Says what is known of this epoch and of the learners (overview.cpp).
  void describe(overview& to) const;

  outcome begin();
  outcome link_down(server_id peer);
  outcome received(server_id from, message& message);
  outcome persisted();
  outcome epochs_written();
  /// Transactions after `after` for the learner `token`; `gone` if the log does not have them.
  outcome range(std::uint64_t token, zxid after, std::vector<encoded_txn> txns, bool gone);
  /// What the tree prepared in this epoch.
  outcome proposed(std::vector<proposal> proposals);
  outcome tick();
  /// The hash of this server's history, to be compared with that of a learner.
  outcome located(std::uint64_t token, zxid at, std::optional<std::uint64_t> hash);
  outcome snapshot_read(std::uint64_t token, snapshot_part part);
  /// What a member's tree came to, this server's included.
  outcome digested(server_id whose, const tree_digest& what);
  /// Its own tree is wrong.
  [[nodiscard]] bool distrusts_tree() const noexcept { return distrusts_tree_; }
  /// Another shall lead: takes nothing new, and ends when all that it proposed is committed, with
  /// the name of a learner that has it. Ends at once if there is nobody.
  outcome hand_over(const std::string& reason);
  /// A quorum has another history than this server.
  [[nodiscard]] bool stands_alone() const noexcept { return stands_alone_; }
  /// To whom it has handed over; zero if to nobody.
  [[nodiscard]] server_id successor() const noexcept { return successor_; }
  /// About sessions that clients go on with elsewhere (sessions.cpp). Only while `established`.
  void answer_claims(server_id to, std::vector<claim_answer> answers);
  void tell_moved(session_id session, server_id from, server_id to);
  /// Tells all learners that it is over.
  void dismiss(const std::string& reason, server_id successor = {});

private:
  enum class phase {
    discovery,        ///< waits for a quorum to say how far it has promised
    proposing_epoch,  ///< its own promise is on its way to the disk
    promising,        ///< waits for a quorum to promise
    claiming,         ///< its own claim is on its way to the disk
    synchronization,  ///< waits for a quorum to have its history
    sharing,          ///< that its history is an ensemble's now is on its way to the disk
    broadcast,
  };
  /// What is known of a learner, in the order in which it goes through this.
  enum class stage {
    joined,
    promised,
    differing,    ///< it has another history, and gets a snapshot once a quorum has this one
    installing,   ///< gets a snapshot
    catching_up,  ///< gets older transactions
    streaming,    ///< has been sent everything, and gets what is proposed
    accepted,     ///< has it durably: it counts, and serves
  };
  struct learner {
    std::uint64_t conversation = 0;
    leader::stage stage = stage::joined;
    bool votes = false;
    join said;
    bool seen_empty = false;   ///< it was there when the ensemble began for the first time
    bool new_promise = false;  ///< it had not promised this epoch before
    zab::epoch_promised position;
    zxid sent;                   ///< everything up to here is on its way
    zxid durable;                ///< and up to here on its disk
    bool fed = false;            ///< with older transactions
    bool installed = false;      ///< a snapshot was sent
    bool owed = false;           ///< it has not said yet that it took the last piece of that
    std::uint64_t reading = 0;   ///< the range that is read for it; zero if none
    zxid at_least;               ///< the snapshot must not be older
    std::uint64_t snapshot = 0;  ///< that is read for it; zero if none
    std::uint64_t locating = 0;  ///< the hash that it shall compare with
    std::uint64_t ponged = 0;    ///< the newest ping that it has answered
    std::uint64_t vouching = 0;  ///< the first ping after it joined; see `is_vouched_for`
    bool waits = false;          ///< for that, with everything that it was to be sent
    std::uint64_t asked = 0;     ///< the ping whose answer counts for the lease next
    monotonic_time asked_at;
    monotonic_time granted_until;  ///< it helps no other leader before
    monotonic_time free_from;      ///< it may be bound to another leader before
    monotonic_time heard;
    monotonic_time accepted_at;
    monotonic_time went_on;  ///< with its synchronisation
  };
  using learners = std::map<server_id, learner>;
  [[nodiscard]] static std::string_view name_of(stage one) noexcept;
  [[nodiscard]] learner_overview describe(server_id id, const learner& one) const;

  // leader_discovery.cpp
  outcome take(server_id from, learner& one, const join& message);
  outcome choose_epoch();
  [[nodiscard]] bool is_first_start() const;
  void ask_for_promise(server_id to, const learner& one) const;
  outcome take(server_id from, learner& one, epoch_promised& message);
  outcome claim_if_promised();

  // leader_synchronization.cpp
  void synchronize(server_id to, learner& one);
  void catch_up(server_id to, learner& one);
  [[nodiscard]] bool is_vouched_for(const learner& one) const;
  void compare(learner& one);
  void compare_who_waited();
  outcome take(server_id from, learner& one, const leader_accepted& message);
  void let_serve(server_id to, const learner& one);
  outcome establish_if_accepted();
  void establish();

  // leader_snapshot.cpp
  void give_snapshot(server_id to, learner& one, zxid at_least);
  void retry_snapshots();
  outcome take(server_id from, learner& one, const history_differs& message);
  void release_snapshot(learner& one);
  outcome take(server_id from, learner& one, const snapshot_taken& message);

  // leader_digests.cpp
  outcome take(server_id from, learner& one, const tree_digest& message);
  outcome compare_trees(zxid at, std::map<server_id, std::uint64_t> all);

  // leader_rounds.cpp
  [[nodiscard]] std::uint64_t ask_for_confirmation();
  std::uint64_t ask_a_quorum();
  void ping_all();
  /// Whether nobody else can have led until now.
  [[nodiscard]] bool holds_lease() const;
  outcome take(server_id from, learner& one, const pong& message);
  void confirm(std::uint64_t number);
  outcome hand_over_when_ready();

  // leader_broadcast.cpp
  outcome take(server_id from, learner& one, const durable& message);
  outcome take(server_id from, learner& one, forward& message);
  outcome take(server_id from, learner& one, touched& message);
  outcome take(server_id from, learner& one, session_claims& message);
  outcome take(server_id from, learner& one, const leave& message);
  [[nodiscard]] bool gathers() const;
  outcome propose_gathered();
  outcome propose();
  void commit_what_a_quorum_has();
  void deliver();
  /// What only learners understand.
  template <class T>
  outcome take(server_id from, learner&, const T&) {
    drop(from, "it sent what only leaders send");
    return outcome::goes_on;
  }

  /// Why a server is refused that was by itself and is configured as a member of this ensemble now.
  static constexpr const char* stranger = "it has a history of its own, which this ensemble does "
                                          "not know. To make it a member, give it "
                                          "an empty data directory";

  /// Whether those voters, and this server, are a quorum.
  template <class Predicate>
  [[nodiscard]] bool is_quorum(bool with_self, Predicate has) const;
  void say(server_id to, const learner& one, body&& what) const {
    shared_.send(to, one.conversation, std::move(what));
  }
  void drop(server_id who, const std::string& reason);
  void forget(learners::iterator which);
  /// Its synchronisation comes nearer to its end.
  void note_progress(learner& one);
  outcome give_up(const std::string& reason);

  common shared_;
  phase phase_ = phase::discovery;
  learners learners_;
  bool was_alone_ = false;    ///< nothing says yet that anybody else has its history
  bool founding_ = false;     ///< so all that was ever committed, it has committed itself
  bool first_start_ = false;  ///< all voters are here, and nobody has anything to forget
  std::uint32_t epoch_ = 0;
  local_order order_;  ///< proposals with the refusals between them
  proposal_sizes sizes_;
  std::uint64_t last_ping_ = 0;
  std::uint64_t confirmed_ = 0;  ///< a quorum has answered this ping
  std::uint64_t wanted_ = 0;     ///< refusals wait for this one
  std::string handing_over_;     ///< why; empty if it is not
  server_id successor_;
  bool stands_alone_ = false, distrusts_tree_ = false;
  std::map<zxid, std::map<server_id, std::uint64_t>> digests_;  ///< of trees, after the newest
  monotonic_time began_, pinged_, quorum_seen_, handing_over_since_;
};

template <class Predicate>
bool leader::is_quorum(bool with_self, Predicate has) const {
  std::vector<server_id> those;
  if (with_self) those.push_back(shared_.fixed.self);
  for (const auto& [id, one] : learners_)
    if (one.votes && has(one)) those.push_back(id);
  return shared_.fixed.voters.is_quorum(those);
}

}  // namespace troupe::broadcast::zab
