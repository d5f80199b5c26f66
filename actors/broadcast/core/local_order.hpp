/// Total order on one server, as a pure state machine.
#pragma once

#include <algorithm>
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
/// before it was delivered, because it was given against that state (protocol section 10.3). Where
/// others might decide meanwhile, it waits besides until a quorum has confirmed that they do not.
///
/// The same position that ZAB's core has in an ensemble; it does no I/O and knows no clock.
class local_order {
public:
  using proposal = std::variant<encoded_txn, verdict>;

  /// The next prepared proposals. Transactions must continue the history without a gap; a broken
  /// history ends the process. Refusals among them that nothing else follows wait until this
  /// `round` is confirmed, too; none has number 0.
  void proposed(std::vector<proposal> proposals, std::uint64_t round = 0);

  /// A quorum has confirmed in this round, and all before, that nobody else decides.
  void confirmed(std::uint64_t round) noexcept { confirmed_ = std::max(confirmed_, round); }

  /// Everything up to `through` is durable.
  void persisted(zxid through);

  /// Transactions to append to the log now, in order; each is handed out once.
  [[nodiscard]] std::vector<encoded_txn> take_appends();
  /// How many of these there are.
  [[nodiscard]] std::size_t unappended() const noexcept { return appends_.size(); }

  /// Proposals that are committed, in order; each is handed out once.
  [[nodiscard]] std::vector<proposal> take_deliveries();

  /// Takes back everything that is not committed, in order: it will never be durable. The history
  /// ends at what is committed.
  [[nodiscard]] std::vector<proposal> withdraw();

  /// Refusals of what this server asked for do not happen: it asks again, and may get another
  /// answer then.
  void forget_refusals(server_id of) {
    std::erase_if(waiting_, [of](const waiting& one) {
      const auto* refused = std::get_if<verdict>(&one.what);
      return refused && refused->origin.server == of;
    });
  }

  /// What comes after a recovery, or a new epoch's start: the history ends at `last`.
  void start_after(zxid last);

  [[nodiscard]] zxid last_proposed() const noexcept { return last_proposed_; }
  [[nodiscard]] zxid committed() const noexcept { return committed_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return waiting_.size(); }
  /// Syncs that wait until what was proposed before them is committed.
  [[nodiscard]] std::size_t waiting_syncs() const;

private:
  struct waiting {
    proposal what;
    std::uint64_t round = 0;
  };
  [[nodiscard]] bool may_leave(const waiting& one) const noexcept;

  std::deque<waiting> waiting_;
  std::vector<encoded_txn> appends_;
  zxid last_proposed_;
  zxid committed_;
  std::uint64_t confirmed_ = 0;
};

}  // namespace troupe::broadcast
