/// ZooKeeper's atomic broadcast as a pure state machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "actors/broadcast/core/zab/follower.hpp"
#include "actors/broadcast/core/zab/leader.hpp"
#include "actors/broadcast/core/zab/overview.hpp"

namespace troupe::broadcast::zab {

/// A server without a leader.
struct looking {
  bool told = false;  ///< the election
};

/// One member. It looks for a leader; follows it, or leads; and begins again when that ends. Its
/// owner tells it what happened and carries out the effects, each destination's in order.
///
/// Total: no message of a peer can break it. What its own server tells it is checked, and a broken
/// promise ends the process.
class member {
public:
  /// `log` as recovered. Transactions known to be committed were delivered to the tree already.
  member(settings fixed, history log, epochs on_disk, monotonic_time now);

  /// The time of what follows.
  void at(monotonic_time now) noexcept { now_ = now; }
  /// The first thing: asks the election for a leader.
  void start();

  /// The newest answer to `look` replaces the ones before.
  void elected(server_id leader);
  void link_up(server_id peer);
  void link_down(server_id peer);
  void received(server_id from, message what);
  void persisted(zxid through);
  void epochs_written(epochs written);
  void truncated();
  void located(std::uint64_t token, zxid at, std::optional<std::uint64_t> hash);
  void snapshot_read(std::uint64_t token, snapshot_part part);
  void install_progress(bool failed);
  /// The history is now everything up to `base` and nothing else, durably, and the tree has it.
  void installed(zxid base);
  void range(std::uint64_t token, zxid after, std::vector<encoded_txn> txns, bool gone);
  /// The tree's, prepared in `epoch`; dropped if this server does not lead that epoch any more.
  void proposed(std::uint32_t epoch, std::vector<proposal> proposals);
  /// Sends writes to the leader that this server follows. False if it follows nobody, or is not
  /// serving; then nothing is sent.
  [[nodiscard]] bool forward_to_leader(std::vector<write_request>& requests);
  /// Tells the leader which sessions were heard of here, if this server follows one.
  void tell_touched(std::vector<session_id> sessions);
  /// Asks the leader whether these sessions live, if this server follows one and serves; otherwise
  /// nobody is asked.
  void ask_claims(std::vector<session_claim> claims);
  /// The leader's session component's answers for the learner `to`. Lost if that is not served any
  /// more: it asks again.
  void answer_claims(server_id to, std::vector<claim_answer> answers);
  /// The session belongs to `to` now: tells `from`, or if that is 0 all learners but `to`.
  void tell_moved(session_id session, server_id from, server_id to);
  /// Gives up leading or following, and looks for a leader: the disk is full, or another shall
  /// lead.
  void resign(const std::string& reason);
  /// Gives up leading when all that it has proposed is committed, and names its successor; bounded
  /// by `sync_limit`. It is over when `leader_id` is another one or none.
  void hand_over(const std::string& reason);
  /// What this server's tree came to; see `tree_digest`.
  void digested(zxid at, std::uint64_t digest);
  /// Regularly, several times per `ping_interval`.
  void tick();

  [[nodiscard]] effects take_effects();
  /// For people and monitoring (overview.cpp).
  [[nodiscard]] overview look_around() const;

  [[nodiscard]] bool leads() const noexcept;
  [[nodiscard]] bool serves() const noexcept;
  [[nodiscard]] std::optional<server_id> leader_id() const noexcept;
  [[nodiscard]] const history& log() const noexcept { return log_; }
  [[nodiscard]] const epochs& on_disk() const noexcept { return epochs_; }

private:
  /// Applies `step` to the role if it is a `Role`, and ends the role if it is over.
  template <class Role, class Step>
  void with(Step step);
  void end_role();
  void start_role(server_id leader);
  void refuse(const std::map<server_id, message>& joins);
  void refuse_joins_that_waited();
  /// The election is told once the disk is at rest, so that the history that is told to others is
  /// the durable one (protocol section 11.9, rule 3).
  void look_when_at_rest();
  [[nodiscard]] bool at_rest() const noexcept {
    return writes_ == 0 && log_.durable() == log_.last();
  }
  void count_writes();
  void note_fruit(bool served);

  const settings fixed_;
  history log_;
  epochs epochs_;
  monotonic_time now_;
  grant granted_;
  effects out_;
  std::size_t counted_ = 0;  ///< effects whose disk writes are in `writes_`
  common shared_;
  std::variant<looking, follower, leader> role_;
  std::set<server_id> links_;
  std::map<server_id, message> early_joins_;  ///< of those who know sooner than we that we lead
  bool joins_waited_ = false;                 ///< for a tick, while this server follows another
  std::uint64_t conversations_ = 0, last_token_ = 0;
  doubt doubts_ = doubt::none;
  unsigned fruitless_ = 0;  ///< roles in a row that ended before this server served
  monotonic_time look_after_;
  std::optional<server_id> successor_;  ///< named by the leader that handed over
  std::size_t writes_ = 0;              ///< of epochs, and cuts, that are not durable yet
};

}  // namespace troupe::broadcast::zab
