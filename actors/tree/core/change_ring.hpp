/// The newest transactions, for those who follow the tree and were away for a moment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/tree/core/acl_table.hpp"

namespace troupe::tree {

/// Access control lists that held when a transaction was applied, by the places of its changes.
struct hidden_change {
  std::uint32_t place = 0;
  acl_pointer list;
};
using hidden_changes = std::vector<hidden_change>;

/// Keeps transactions in their encoding, which others hold anyway for a while, so that it costs
/// ordinary writes next to nothing. Whoever asks decodes them.
class change_ring {
public:
  struct entry {
    encoded_txn txn;
    hidden_changes hidden;
  };

  /// `most_bytes` of bodies; zero keeps nothing.
  explicit change_ring(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// What comes next follows `at`: the history before is not kept.
  void begin_after(zxid at) {
    entries_.clear();
    bytes_ = 0;
    floor_ = at;
  }
  /// The next transaction.
  void add(encoded_txn txn, hidden_changes hidden) {
    if (most_bytes_ == 0) {
      floor_ = txn.zxid;
      return;
    }
    bytes_ += txn.body.size() + sizeof(entry);
    entries_.push_back({std::move(txn), std::move(hidden)});
    for (; bytes_ > most_bytes_; entries_.pop_front()) {
      bytes_ -= entries_.front().txn.body.size() + sizeof(entry);
      floor_ = entries_.front().txn.zxid;
    }
  }

  /// Everything after this is here.
  [[nodiscard]] zxid floor() const noexcept { return floor_; }
  [[nodiscard]] const std::deque<entry>& entries() const noexcept { return entries_; }
  /// The first transaction after `at`, by its place in `entries`.
  [[nodiscard]] std::size_t first_after(zxid at) const {
    const auto found =
        std::upper_bound(entries_.begin(), entries_.end(), at,
                         [](zxid wanted, const entry& one) { return wanted < one.txn.zxid; });
    return static_cast<std::size_t>(found - entries_.begin());
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  zxid floor_;
  std::deque<entry> entries_;
};

}  // namespace troupe::tree
