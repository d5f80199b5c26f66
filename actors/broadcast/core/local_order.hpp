/// Total order on one server, as a pure state machine.
#pragma once

#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include <troupe/base/txn.hpp>

namespace troupe::broadcast {

/// The order of a quorum of one: what is durable on the only server is committed.
///
/// Transactions and refusals keep the order in which the tree prepared them. A transaction may be
/// delivered once the log has made it durable; a refusal, which is not logged, once everything
/// before it was delivered, because it was given against that state (protocol section 10.3).
///
/// The same position that ZAB's core has in an ensemble; it does no I/O and knows no clock.
class local_order {
public:
  using proposal = std::variant<encoded_txn, verdict>;

  /// The next prepared proposals. Transactions must continue the history without a gap; a broken
  /// history ends the process.
  void proposed(std::vector<proposal> proposals);

  /// Everything up to `through` is durable.
  void persisted(zxid through);

  /// Transactions to append to the log now, in order; each is handed out once.
  [[nodiscard]] std::vector<encoded_txn> take_appends();

  /// Proposals that are committed, in order; each is handed out once.
  [[nodiscard]] std::vector<proposal> take_deliveries();

  /// Takes back everything that is not committed, in order: it will never be durable. The history
  /// ends at what is committed.
  [[nodiscard]] std::vector<proposal> withdraw();

  /// What comes after a recovery, or a new epoch's start: the history ends at `last`.
  void start_after(zxid last);

  [[nodiscard]] zxid last_proposed() const noexcept { return last_proposed_; }
  [[nodiscard]] zxid committed() const noexcept { return committed_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return waiting_.size(); }
  /// Syncs that wait until what was proposed before them is committed.
  [[nodiscard]] std::size_t waiting_syncs() const;

private:
  std::deque<proposal> waiting_;
  std::vector<encoded_txn> appends_;
  zxid last_proposed_;
  zxid committed_;
};

}  // namespace troupe::broadcast
