/// Who watches what (protocol section 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <troupe/base/acl.hpp>
#include <troupe/base/operation.hpp>

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
class watch_table {
public:
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
  [[nodiscard]] std::vector<std::pair<watcher_id, std::vector<std::string>>> data_watches(
      std::size_t most = std::numeric_limits<std::size_t>::max()) const;

private:
  struct place;
  struct connection {
    identities who;
    absl::flat_hash_set<place*> places;
  };
  /// All watches at one path; never empty.
  struct place {
    std::string path;
    absl::btree_map<watcher_id, std::uint8_t> kinds;
  };
  struct place_hash : text_hash {
    using text_hash::operator();
    std::size_t operator()(const std::unique_ptr<place>& p) const noexcept {
      return (*this)(std::string_view{p->path});
    }
  };
  struct place_equal {
    using is_transparent = void;
    static std::string_view key(std::string_view text) noexcept { return text; }
    static std::string_view key(const std::unique_ptr<place>& p) noexcept { return p->path; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return key(a) == key(b);
    }
  };

  [[nodiscard]] place* find(std::string_view path) const;
  /// Takes kinds from a watcher's watches here; returns which of them there were.
  std::uint8_t drop(place& at, watcher_id watcher, std::uint8_t kinds);
  void forget_if_empty(place& at);
  void count(std::uint8_t kinds, int sign) noexcept;
  std::vector<watcher_id> consume(std::string_view path, std::uint8_t interested,
                                  std::uint8_t consumed);

  absl::flat_hash_set<std::unique_ptr<place>, place_hash, place_equal> paths_;
  absl::flat_hash_map<watcher_id, connection> watchers_;
  std::uint64_t entries_ = 0;
  std::uint64_t recursive_ = 0;
  std::uint64_t watching_ = 0;
};

}  // namespace troupe::tree
