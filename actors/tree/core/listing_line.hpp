/// Lists of children that are too long to be made in one step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include <troupe/base/ids.hpp>
#include <troupe/base/name_list.hpp>

#include "actors/tree/core/effects.hpp"
#include "actors/tree/core/node_marks.hpp"
#include "actors/tree/core/options.hpp"
#include "actors/tree/core/removed_names.hpp"
#include "actors/tree/core/state.hpp"

namespace troupe::tree {

/// Makes long lists in steps, one list at a time, while the tree goes on. A list is that of the
/// moment when it was asked for, so the read has its result, its Stat and its watch at once; only
/// names come later.
///
/// Why the list is right. It shall have the names of all nodes that were children at its moment.
/// Those are the ones whose czxid is not newer; what is created later is passed over. One of them
/// can go
/// - before the walk over the children began: then it is in the log of removed names, which is read
///   before the walk begins;
/// - during the walk, behind it: then it was given, and is marked;
/// - during the walk, before it: then it has no mark, and its name is given at once. A mark that an
///   earlier node left at the same address does no harm, because that node was there at the list's
///   moment, and so a later one at its place is newer.
/// New children are put before the first, so the walk does not meet them, and when the node that
/// comes next goes, the walk goes on with the one behind it.
class listing_line final : private change_observer {
public:
  listing_line(state& of, const listing_limits& limits) : state_(of), limits_(limits) {}
  ~listing_line() override { clear(); }
  listing_line(const listing_line&) = delete;
  listing_line& operator=(const listing_line&) = delete;

  /// A new message may list so many children at once again.
  void message_begins() noexcept { at_once_ = limits_.children_per_step; }
  /// Whether so many children are to be listed at once. Few always are, if nothing but a read of
  /// its own asks for them: the read costs as much as that.
  [[nodiscard]] bool takes_at_once(std::size_t count, bool alone) noexcept {
    if (count == 0 || (alone && count <= limits_.children_at_once)) return true;
    if (count > at_once_) return false;
    at_once_ -= count;
    return true;
  }
  /// Begins a list of the children that there are now. Returns how many bytes will come.
  std::uint64_t open(watcher_id to, const node& directory);

  [[nodiscard]] bool empty() const noexcept { return line_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return line_.size(); }
  /// One step: pieces of at most so many children together as the limits say.
  void advance(std::vector<effect::any>& effects);
  /// Nobody waits for these any more.
  void drop(watcher_id gone);
  void drop_lane(std::uint32_t lane);
  /// Ends all lists, which those who wait are told.
  void give_up(std::vector<effect::any>& effects);

private:
  /// A node of whose children there are lists in the line.
  struct listed {
    listed(const node& which, std::size_t& total) noexcept : at(&which), removed(total) {}

    const node* at;  ///< null when it is gone itself
    std::size_t listings = 0;
    zxid newest;            ///< moment of the newest list
    removed_names removed;  ///< while one of them waits
  };
  struct listing {
    watcher_id to;
    zxid as_of;
    std::shared_ptr<listed> of;
    removed_names::place next_removed;
    std::uint64_t bytes_to_come = 0;
  };

  void about_to_change(node& which, bool vanishes) override;
  void note_removed(listed& from, const node& which);
  bool give_some(listing& here, name_list& piece, std::size_t& children);
  void walk(const listing& here, name_list& piece, std::size_t& children);
  void end_walk() noexcept;
  void left(const listing& gone);
  template <class Which>
  void drop_if(Which which);
  void clear() noexcept;

  state& state_;
  const listing_limits limits_;
  std::size_t at_once_ = limits_.children_per_step;
  std::deque<listing> line_;
  absl::flat_hash_map<const node*, std::shared_ptr<listed>> directories_;
  std::size_t removed_bytes_ = 0;

  // Of the first in the line.
  bool walking_ = false;  ///< it has read the removed names
  const node* next_ = nullptr;
  node_marks given_;
  name_list missed_;  ///< removed before the walk came to them
};

}  // namespace troupe::tree
