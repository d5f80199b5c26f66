/// The history of one server, as ZAB's core knows it.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include <troupe/base/txn.hpp>

namespace troupe::broadcast::zab {

/// Where one history has to be cut so that it is the beginning of another, or that this cannot be
/// known here.
struct common_point {
  bool known = false;
  zxid at;
};

/// Positions in the log, and its newest transactions. Four of them matter:
///
///     delivered <= committed <= last, durable <= last
///
/// `last` is what was appended, `durable` what survives a power cut, `committed` what a quorum has.
/// Only committed transactions are delivered to the tree, so a cut never touches the tree.
class history {
public:
  /// `base`: what the log begins after, a snapshot's zxid or zero. Everything up to there is
  /// committed. At least `keep_bytes` of the newest transactions are kept for learners.
  history(zxid base, std::size_t keep_bytes);

  /// A recovered transaction, durable; `committed` ones were delivered to the tree.
  void recovered(encoded_txn txn, bool committed);

  /// Ends of epochs before `base`, ascending, which storage remembers.
  void know_older_ends(std::span<const zxid> ends);

  /// The history is everything up to `base`, in form of a snapshot, and nothing else.
  void restart(zxid base);

  /// The next transactions, not durable yet. False if they do not follow (protocol section 11.9,
  /// rule 6: gaps are errors at every interface), and then nothing is changed.
  [[nodiscard]] bool append(std::span<const encoded_txn> txns);
  void persisted(zxid through);
  /// Everything after `after` goes. False if that would take back what is committed, or `after` is
  /// not in the history.
  [[nodiscard]] bool cut(zxid after);
  /// Gives what is to be delivered now.
  [[nodiscard]] std::vector<encoded_txn> commit(zxid through);

  [[nodiscard]] zxid last() const noexcept { return last_; }
  [[nodiscard]] zxid durable() const noexcept { return durable_; }
  [[nodiscard]] zxid committed() const noexcept { return committed_; }
  [[nodiscard]] zxid base() const noexcept { return base_; }
  /// The last zxid of each epoch, ascending. If there is a base, the oldest may be missing.
  [[nodiscard]] const std::vector<zxid>& ends() const noexcept { return ends_; }

  /// The newest point that this history has in common with another one, whose ends are `theirs`.
  /// In one epoch there is one leader, which gives each zxid once, and a server takes transactions
  /// of an epoch only after all that its leader began with. So two histories that both have
  /// transactions of an epoch are equal up to the smaller of their ends in it.
  [[nodiscard]] common_point common_with(std::span<const zxid> theirs) const;

  /// All transactions after `after`, if they are still in memory.
  [[nodiscard]] std::optional<std::vector<encoded_txn>> after(zxid after) const;

private:
  void note_end(zxid last);
  void forget_old();

  const std::size_t keep_bytes_;
  zxid base_, last_, durable_, committed_;
  std::vector<zxid> ends_;
  std::deque<encoded_txn> recent_;  ///< the newest, without a gap up to `last_`
  zxid recent_after_;               ///< what comes directly before the first of them
  std::size_t recent_bytes_ = 0;
};

}  // namespace troupe::broadcast::zab
