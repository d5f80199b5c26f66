/// The prepare stage: turns requests into transactions, on the leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <troupe/base/acl.hpp>
#include <troupe/base/txn.hpp>

#include "actors/tree/core/kept_replies.hpp"
#include "actors/tree/core/mount_guards.hpp"
#include "actors/tree/core/options.hpp"
#include "actors/tree/core/overlay.hpp"
#include "actors/tree/core/session_owners.hpp"
#include "actors/tree/core/state.hpp"

namespace troupe::tree {

/// A write as it came from a client or a component.
struct write_request {
  troupe::origin origin;
  session_id session;
  identities who;
  std::uint64_t request_id = 0;
  write_op op;
  zxid since{};  ///< as in troupe::write_request
};

/// Checks each request against the committed state plus everything prepared before, in the order
/// that ZooKeeper checks (protocol sections 4.3 to 4.7). A request that passes becomes a
/// transaction with the next zxid; one that fails becomes a verdict and leaves no trace. The zxids
/// of a leader have no gaps. Of time it knows only what it is told.
///
/// Decisions and scripts run here, too, against the same draft (preparer_decisions.cpp). A request
/// that its session remembers, or will when what is in flight is applied, is not done again.
class preparer {
public:
  preparer(const state& committed, const tree_options& options)
      : committed_(committed), options_(options), overlay_(committed),
        guards_(committed, options, overlay_) {}
  preparer(const preparer&) = delete;
  preparer& operator=(const preparer&) = delete;

  /// This server leads with `epoch`, which is newer than everything applied. `secret` becomes the
  /// key of passwords with the first transaction, if the state has none. In an `ensemble`, writes
  /// through other servers than their session's owner are refused.
  void lead(std::uint32_t epoch, std::string secret, bool ensemble = false);
  void stop();
  [[nodiscard]] bool leading() const noexcept { return epoch_ != 0; }
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  /// The epoch has no zxid left: every write is refused with not_read_only until another epoch.
  [[nodiscard]] bool exhausted() const noexcept;

  /// Only while leading.
  std::variant<txn, verdict> prepare(write_request request, wall_time now);
  /// The session has moved to this server.
  void own(session_id session, server_id server) {
    if (overlay_.is_open(session)) owners_.own(session, server);
  }
  /// A transaction that removes the node, if it is an unused container or an aged TTL node also
  /// after everything in flight.
  std::optional<txn> reap(const std::string& path, wall_time now);

  /// What decisions said, and what people should hear of them and of guards.
  [[nodiscard]] kept_replies& replies() noexcept { return replies_; }
  [[nodiscard]] mount_guards& guards() noexcept { return guards_; }

  /// Transactions up to `at` are in the committed state.
  void applied(zxid at);

  /// For tests of limits: the last zxid given in this epoch was `counter`.
  void skip_to(std::uint32_t counter) noexcept { last_ = zxid::of(epoch_, counter); }

private:
  using outcome = error_code;

  [[nodiscard]] bool has_moved(const write_request& request);
  [[nodiscard]] static bool is_left_behind(const write_request& request,
                                           const last_write& newest) noexcept;
  [[nodiscard]] check_context context_of(const write_request& request) {
    return {committed_,      options_,    overlay_,
            request.session, request.who, guards_.empty() ? nullptr : &guards_};
  }
  [[nodiscard]] txn begin(const write_request& request, txn_kind kind, wall_time now);
  [[nodiscard]] bool is_repeated(const write_request& request) const;
  outcome prepare_op(const write_request& request, txn& into, write_op& op);
  outcome prepare_multi(const write_request& request, txn& into, multi_op& op);
  outcome close_session(session_id session, close_cause cause, txn& into);
  verdict refuse(const write_request& request, outcome error, std::size_t failed_at,
                 txn_kind kind) const;
  void finish(txn& decided);

  // preparer_decisions.cpp
  std::variant<txn, verdict> decide(const write_request& request, const decision& what,
                                    wall_time now);
  /// Runs it into the draft; the reply is kept under the request's origin.
  outcome run(const write_request& request, const decision& what, txn& into);
  std::variant<txn, verdict> prepare_script(const write_request& request, script_op& script,
                                            wall_time now);

  const state& committed_;
  const tree_options& options_;
  overlay overlay_;
  mount_guards guards_;
  kept_replies replies_;
  session_owners owners_;
  std::uint32_t epoch_ = 0;
  zxid last_;           ///< the last zxid given, or (epoch, 0)
  zxid last_proposed_;  ///< what verdicts come after
  std::string secret_;  ///< to be set by the next transaction, or empty
};

}  // namespace troupe::tree
