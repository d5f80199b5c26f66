/// Who watches what (protocol section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include <troupe/base/acl.hpp>
#include <troupe/base/operation.hpp>

#include "actors/tree/core/slab_memory.hpp"
#include "actors/tree/core/text_hash.hpp"

namespace troupe::tree {

/// The kinds of watch that one connection can have at one path, independently of each other. A
/// persistent watch counts as an entry of both of ZooKeeper's tables (data and child watches), a
/// recursive one as an entry of the data table that also matches everything below.
enum watch_kind : std::uint8_t {
  watch_data = 1,   ///< one-shot, set by exists and getData
  watch_child = 2,  ///< one-shot, set by getChildren
  watch_persistent = 4,
  watch_recursive = 8,
};

/// All watches of this server. Removing a connection costs as much as it has watches. Recipients
/// come in the order of their ids, so that equal histories give equal outputs.
///
/// A million watches of as many paths take 70 bytes each: a watcher has a number here, and a path
/// one block of slab memory.
class watch_table {
public:
  watch_table() = default;
  ~watch_table();
  watch_table(const watch_table&) = delete;
  watch_table& operator=(const watch_table&) = delete;

  void add(watcher_id watcher, std::string_view path, watch_kind kind, const identities& who);
  /// Whether the watcher has one of the watches that `selector` selects at this path.
  [[nodiscard]] bool has(watcher_id watcher, std::string_view path, watch_selector selector) const;
  /// Removes them; false if there was none.
  bool remove(watcher_id watcher, std::string_view path, watch_selector selector);

  /// From now on these identities decide which events the watcher sees.
  void set_identities(watcher_id watcher, identities who);
  [[nodiscard]] const identities& identities_of(watcher_id watcher) const;
  void remove_all(watcher_id watcher);
  /// Removes all watchers of a lane.
  void remove_lane(std::uint32_t lane);

  /// Watchers that data-table events at `path` go to, recursive ones of its ancestors included;
  /// their one-shot watches are consumed.
  std::vector<watcher_id> take_data(std::string_view path);
  /// The same for the child table, which knows no recursion.
  std::vector<watcher_id> take_child(std::string_view path);

  /// Entries of both tables.
  [[nodiscard]] std::uint64_t size() const noexcept { return entries_; }
  [[nodiscard]] std::uint64_t path_count() const noexcept { return paths_.size(); }
  /// Watchers with at least one watch.
  [[nodiscard]] std::uint64_t watcher_count() const noexcept { return watching_; }
  /// Every watcher's paths in the data table, both sorted; of a larger table `most` watches of any
  /// kind are looked at, and it is left open which.
  [[nodiscard]] std::vector<std::pair<watcher_id, std::vector<std::string>>>
  data_watches(std::size_t most = std::numeric_limits<std::size_t>::max()) const;

private:
  using handle = slab_memory::handle;
  /// A watcher at a place: its number and, in the lowest four bits, the kinds of its watches.
  using entry = std::uint32_t;
  struct connection {
    watcher_id id;
    identities who;
    absl::flat_hash_set<handle> places;
  };
  /// All watches at one path; never empty. The path follows in the same block, or its address.
  struct place {
    absl::InlinedVector<entry, 4> watchers;  ///< sorted
    std::uint32_t path_size = 0;

    [[nodiscard]] char* tail() noexcept { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] std::string_view path() const noexcept;
  };
  struct place_hash {
    using is_transparent = void;
    const slab_memory* memory;
    std::size_t operator()(std::string_view path) const noexcept { return text_hash{}(path); }
    std::size_t operator()(handle which) const noexcept {
      return (*this)(static_cast<const place*>(memory->at(which))->path());
    }
  };
  struct place_equal {
    using is_transparent = void;
    const slab_memory* memory;
    bool operator()(handle a, handle b) const noexcept { return a == b; }
    bool operator()(handle a, std::string_view path) const noexcept {
      return static_cast<const place*>(memory->at(a))->path() == path;
    }
    bool operator()(std::string_view path, handle a) const noexcept { return (*this)(a, path); }
  };

  [[nodiscard]] place& at(handle which) const noexcept {
    return *static_cast<place*>(memory_.at(which));
  }
  [[nodiscard]] handle find(std::string_view path) const;
  handle make_place(std::string_view path);
  void remove_place(handle which);
  std::uint32_t number_of(watcher_id watcher);
  /// Takes kinds from a watcher's watches here; returns which of them there were. The place is
  /// removed with its last watch.
  std::uint8_t drop(handle where, std::uint32_t number, std::uint8_t kinds);
  void note_dropped(std::uint8_t kinds) noexcept;
  void left(std::uint32_t number, handle where);
  std::vector<watcher_id> consume(std::string_view path, std::uint8_t interested,
                                  std::uint8_t consumed);

  slab_memory memory_;
  absl::flat_hash_set<handle, place_hash, place_equal> paths_{0, place_hash{&memory_},
                                                              place_equal{&memory_}};
  absl::flat_hash_map<watcher_id, std::uint32_t> numbers_;
  std::vector<connection> watchers_;  ///< by number
  std::vector<std::uint32_t> free_numbers_;
  std::uint64_t entries_ = 0;
  std::uint64_t recursive_ = 0;
  std::uint64_t watching_ = 0;
};

}  // namespace troupe::tree
