/// A server that follows a leader, or observes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/broadcast/core/zab/overview.hpp"
#include "actors/broadcast/core/zab/settings.hpp"

namespace troupe::broadcast::zab {

/// One conversation with one leader: discovery (follower_discovery.cpp), synchronisation
/// (follower_synchronization.cpp, follower_snapshot.cpp), broadcast (follower_broadcast.cpp).
/// Whatever goes wrong ends the conversation, and the server looks for a leader again.
///
/// Nothing is told to the leader that a power cut could undo: promises, claims and `durable` leave
/// after the disk has them, and in this order: data, then the claim to have it, then the answer
/// (ZOOKEEPER-3911, 4643, 4646, 4685, 4785).
class follower {
public:
  follower(common shared, server_id leader, std::uint64_t conversation);

  [[nodiscard]] server_id leader() const noexcept { return leader_; }
  [[nodiscard]] bool serving() const noexcept { return phase_ == phase::broadcast; }
  /// Says how far it has come (overview.cpp).
  void describe(overview& to) const;

  outcome link_up(server_id peer);
  outcome link_down(server_id peer);
  outcome received(server_id from, message& message);
  outcome persisted();
  outcome epochs_written();
  outcome truncated();
  void located(std::uint64_t token, std::optional<std::uint64_t> hash);
  outcome install_progress(bool failed);
  /// The history is the snapshot, and so is the tree.
  outcome installed();
  outcome tick();
  /// What the own tree came to.
  void digested(const tree_digest& mine);
  /// Whether pieces of a snapshot are stored that will not be completed if this ends now.
  [[nodiscard]] bool installing() const noexcept { return installing_ == installation::pieces; }
  /// The leader says that the tree here is wrong.
  [[nodiscard]] bool distrusts_tree() const noexcept { return distrusts_tree_; }
  /// Whom the leader has handed over to; zero if to nobody.
  [[nodiscard]] server_id successor() const noexcept { return successor_; }
  /// Sends writes to the leader. Only while `serving`.
  void forward_to_leader(std::vector<write_request> requests) { say(forward{std::move(requests)}); }
  void tell_touched(std::vector<session_id> sessions) { say(touched{std::move(sessions)}); }
  void ask_claims(std::vector<session_claim> claims) { say(session_claims{std::move(claims)}); }

private:
  enum class phase {
    discovery,  ///< the leader collects promises
    promising,  ///< the promise is on its way to the disk
    synchronization,
    comparing,  ///< all is here, and its hash is asked for
    claiming,   ///< the claim is on its way to the disk
    accepted,   ///< waits for the leader to be established
    broadcast,
  };
  /// Of a snapshot.
  enum class installation { none, pieces, completing };

  // follower_discovery.cpp
  void join();
  outcome take(const new_epoch& message);
  void promise(bool again);

  // follower_synchronization.cpp
  outcome take(const cut& message);
  outcome take(const new_leader& message);
  void claim_when_durable();
  void claim();

  // follower_snapshot.cpp
  outcome take(const snapshot_begin& message);
  outcome take(snapshot_chunk& message);
  outcome take(const snapshot_end& message);

  // follower_broadcast.cpp
  outcome take(entries& message);
  outcome take(commit& message);
  outcome take(const ping& message);
  outcome take(const tree_differs& message);
  void say_durable();

  // sessions.cpp
  outcome take(session_answers& message);
  outcome take(sessions_moved& message);

  outcome take(const leave& message);
  /// What only a leader understands.
  template <class T>
  outcome take(const T&) {
    return give_up("it sent what only learners send");
  }

  outcome give_up(const std::string& reason);
  void say(body&& what) const { shared_.send(leader_, conversation_, std::move(what)); }

  common shared_;
  const server_id leader_;
  const std::uint64_t conversation_;
  server_id successor_;
  bool distrusts_tree_ = false;
  phase phase_ = phase::discovery;
  bool joined_ = false;
  std::uint32_t epoch_ = 0;        ///< of this leader, once it is known
  bool history_complete_ = false;  ///< `new_leader` came: all that the epoch begins with
  zxid begins_with_;               ///< the end of that history
  new_leader claimed_;             ///< that message
  std::uint64_t locating_ = 0;     ///< the question for the hash
  bool appended_ = false;          ///< transactions came; a cut can only come before them
  bool differs_ = false;           ///< the leader knows, and will send a snapshot
  unsigned cutting_ = 0;           ///< cuts that are not durable yet
  installation installing_ = installation::none;
  bool storing_ = false;  ///< a piece of it is on its way to the disk
  zxid said_durable_;
  monotonic_time began_, heard_;
};

}  // namespace troupe::broadcast::zab
