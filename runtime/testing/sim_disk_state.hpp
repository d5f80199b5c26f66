/// The inner life of the simulated disk: files with unsynced writes, names with unsynced changes.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/base/prng.hpp>

namespace troupe::testing::sim {

/// The directory part of a path; empty for the root.
std::string folder_of(const std::string& path);

/// The content of a file, as readers see it and as the medium has it.
struct inode {
  /// A write, or with `truncates` a new size (`offset`), since the last sync.
  struct pending_change {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false;
  };

  std::string current;
  std::string durable;
  std::vector<pending_change> pending;

  void write(std::uint64_t offset, std::string bytes);
  void truncate(std::uint64_t size);
  void sync();
  /// A part of what is pending reaches the medium, the rest never will; readers notice nothing.
  void lose(prng& random);
  /// As `lose`, and then only the medium's content is left.
  void crash(prng& random);
  void flip(std::uint64_t offset, char mask);
};

/// A change of the names of one directory.
struct name_op {
  enum kind_t { link, rename, unlink } kind = link;
  std::string from;
  std::string to;
  std::shared_ptr<inode> node;
};

using name_table = std::map<std::string, std::shared_ptr<inode>>;

struct disk_state {
  explicit disk_state(std::uint64_t seed) : random(seed) {}

  prng random;
  name_table names, durable_names;                      ///< by full path
  std::map<std::string, std::vector<name_op>> journal;  ///< by directory, unsynced
  std::set<std::string> directories{""};
  std::uint64_t process = 1;  ///< number of the process that uses the disk
  bool gone = false, locked = false;
  std::uint64_t changes = 0, syncs = 0;
  std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint64_t> changes_to_end, syncs_to_failure, writes_to_failure;

  /// Counts one changing operation. False if the process ends here.
  bool change();
  /// Counts down; true once, when the count is used up.
  static bool due(std::optional<std::uint64_t>& count);
  /// How many of `size` bytes at `offset` fit on the disk.
  [[nodiscard]] std::uint64_t room_for(const inode& node, std::uint64_t offset,
                                       std::uint64_t size) const;
  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] std::shared_ptr<inode> find(const std::string& path) const;
  [[nodiscard]] bool has_directory(const std::string& path) const {
    return directories.contains(path);
  }
  /// Directories are durable at once: nothing depends on their loss.
  void add_directory(const std::string& path);
  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory) const;
  void name_change(name_op op);
  void sync_names(const std::string& directory);
  void put(const std::string& path, const std::string& bytes);
  /// The process ends; with `power_cut` also the machine.
  void end_process(bool power_cut);
};

}  // namespace troupe::testing::sim
