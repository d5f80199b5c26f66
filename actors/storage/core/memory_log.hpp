/// The newest part of a history that is kept nowhere else.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/storage/core/known_history.hpp"

namespace troupe::storage {

/// Transactions in memory, the oldest of which are dropped when they become too many. Pure.
class memory_log {
public:
  struct part {
    std::vector<encoded_txn> txns;
    history_point after;
    bool more = false;
  };

  /// `most_bytes` of bodies are kept.
  explicit memory_log(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void append(const std::vector<encoded_txn>& txns);
  /// Removes everything after `last`. False if that is neither kept nor what came before.
  [[nodiscard]] bool cut(zxid last);
  /// The history is now everything up to `base`, of which nothing is kept.
  void restart(history_point base);

  /// The transactions after `after` until they are `most_bytes`, at least one if there is one;
  /// nothing if `after` is neither kept nor what came before.
  [[nodiscard]] std::optional<part> read(zxid after, std::size_t most_bytes) const;
  [[nodiscard]] std::optional<std::uint64_t> hash_at(zxid at) const;
  [[nodiscard]] const history_point& last() const noexcept { return history_.last(); }
  /// Everything after this transaction is kept.
  [[nodiscard]] zxid log_after() const noexcept { return base_.zxid; }
  [[nodiscard]] const std::deque<history_point>& epoch_ends() const noexcept {
    return history_.epoch_ends();
  }

private:
  struct entry {
    encoded_txn txn;
    std::uint64_t hash = 0;  ///< of the history up to it
  };
  using entries = std::deque<entry>;
  /// The first entry after `at`; nothing if `at` is no place in what is kept.
  [[nodiscard]] std::optional<entries::const_iterator> after(zxid at) const;

  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  history_point base_;
  entries entries_;
  known_history history_;
};

}  // namespace troupe::storage
