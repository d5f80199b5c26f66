/// What the trees of an ensemble are told, and what must hold of it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/roles/tree.hpp>

#include "test/simulation/history.hpp"

namespace troupe::test {

/// Sits in front of every member's tree (`watched_tree`) and compares: all members apply one
/// history without gaps; an epoch has one leader, which a quorum has promised it; nobody's session
/// ends before a leader has listened for its whole timeout. Violations go to the history.
class ensemble_watch {
public:
  using clock = std::function<monotonic_time()>;
  /// Whether a quorum's disks have the promise of this epoch.
  using promises = std::function<bool(std::uint32_t epoch)>;
  /// Not the lane of any component.
  static constexpr std::uint32_t lane = 1'000'000;
  using tree_handle = handle<role::tree::attach_lane, role::tree::inspect>;

  ensemble_watch(history& facts, clock now) : facts_(facts), now_(std::move(now)) {}

  void set_promises(promises promised) { promised_ = std::move(promised); }

  // What the trees hear.
  void begins(server_id who, tree_handle tree);
  void ends(server_id who);
  void restored(server_id who, zxid at) { members_[who].last = at; }
  void applied(server_id who, const encoded_txn& txn);
  void leads(server_id who, std::uint32_t epoch);
  void leads_no_more(server_id who) { members_[who].leads = false; }
  /// Its tree decides that the session has expired.
  void expires(session_id session, server_id who);
  void inspected(server_id who, const role::tree::inspection& all);

  // What happens to the processes.
  void paused(server_id who);
  void resumed(server_id who);

  /// A client was told that its session has expired.
  void check_expired(session_id session, monotonic_time heard, milliseconds timeout);
  /// So much of what a client says, a member may not have told the leader when it stops.
  static constexpr milliseconds expiry_slack{800};

  /// A client asked `who` at `sent`, and was shown the state at `shown`.
  void check_age(server_id who, zxid shown, monotonic_time sent);
  /// How old that may be: a follower without a leader notices after sync_limit (500 ms).
  static constexpr milliseconds oldest_state{1000};
  /// Until `lag_limit` from now the member may be behind for good reasons: it stood still, or its
  /// disk did.
  void lags_now(server_id who) { members_[who].lagged = now_(); }
  static constexpr milliseconds lag_limit{5000};

  /// Asks all trees how they are; the answers come while the simulation runs.
  void inspect_all();
  /// Nothing yet if some tree has not answered; otherwise whether all are equal. Trees that are
  /// different at the same transaction are a violation.
  std::optional<bool> all_equal();

  /// Who led last, if it still does.
  [[nodiscard]] std::optional<server_id> leader() const;
  [[nodiscard]] std::size_t elections() const noexcept { return leaders_.size(); }
  [[nodiscard]] zxid newest() const { return history_.empty() ? zxid{} : history_.rbegin()->first; }

private:
  struct member {
    tree_handle tree;
    zxid last;
    monotonic_time lagged{-lag_limit};
    bool leads = false;
    monotonic_time leads_since;
    std::optional<monotonic_time> paused_since;
    std::vector<std::pair<monotonic_time, monotonic_time>> pauses;
    std::optional<role::tree::inspection> inspection;
  };
  struct link {
    std::uint64_t hash = 0;
    zxid before;
  };
  struct expiry {
    server_id leader;
    monotonic_time at, leads_since;
    nanoseconds paused_before{0};
  };
  [[nodiscard]] static nanoseconds paused_within(const member& who, monotonic_time from,
                                                 monotonic_time to);

  history& facts_;
  const clock now_;
  promises promised_;
  std::map<server_id, member> members_;
  std::map<zxid, link> history_;
  std::map<std::uint32_t, server_id> leaders_;  ///< by epoch
  std::map<session_id, expiry> expiries_;
  std::optional<server_id> last_leader_;
  std::deque<std::pair<monotonic_time, zxid>> known_;  ///< what was applied somewhere, and when
  std::uint64_t token_ = 0;
};

}  // namespace troupe::test
