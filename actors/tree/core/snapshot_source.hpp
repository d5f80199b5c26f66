/// Makes a snapshot of one moment while the tree goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_set.h>

#include "actors/tree/core/snapshot_record.hpp"
#include "actors/tree/core/state.hpp"

namespace troupe::tree {

/// Gives the records of the state as it was at construction, one by one, whatever is applied in
/// between. How: a cursor walks over the nodes. A node that is about to change or go before the
/// cursor has passed it is given first, in its old version, and before it those of its ancestors
/// that were not given yet, so that a parent always comes before its child. Nodes made meanwhile
/// are born with the mark of those that were passed. The mark is the snapshot's number modulo 256,
/// so a snapshot can be given up anywhere. At most one exists per state, and it ends before the
/// state does.
class snapshot_source final : private change_observer {
public:
  /// Takes a record, whose views are valid during the call only. It is called by the constructor,
  /// by `advance`, and by whatever changes the state.
  using consumer = std::function<void(const snapshot::record&)>;

  snapshot_source(state& of, consumer take);
  ~snapshot_source() override;
  snapshot_source(const snapshot_source&) = delete;
  snapshot_source& operator=(const snapshot_source&) = delete;

  [[nodiscard]] zxid at() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t digest() const noexcept { return end_.digest; }

  /// Goes on by one node, which gives at most a few records, or by the end of the snapshot. False
  /// if that was given before.
  bool advance();

private:
  void about_to_change(node& which, bool vanishes) override;
  void give(node& which);
  std::string_view path_of(const node& which);
  [[nodiscard]] bool passed(const node& which) const noexcept {
    return which.snapshot_mark() == mark_;
  }

  state& state_;
  const consumer take_;
  const zxid at_;
  const std::uint8_t mark_;
  snapshot::end end_;
  node* cursor_;  ///< null at the end
  bool ended_ = false;
  absl::flat_hash_set<std::uint32_t> lists_given_;
  /// Siblings mostly come together, so the path of the last one's parent is kept.
  std::string path_;
  std::size_t parent_size_ = 0;
  const node* path_parent_ = nullptr;
};

}  // namespace troupe::tree
