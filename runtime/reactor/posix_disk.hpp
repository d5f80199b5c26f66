/// The real file system, below one directory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/sdk/disk.hpp>

namespace troupe::reactor {

/// Files below `root`, which must exist before anything but `full_path` is asked for. Safe from any
/// thread; each open file belongs to one thread at a time. Every message names operation, full
/// path, the system's reason and, where a person can do something about it, what.
class posix_disk final : public sdk::disk {
public:
  explicit posix_disk(std::string root);

  sdk::io_result<std::unique_ptr<sdk::file>> open(const std::string& path, mode how) override;
  sdk::io_status make_directory(const std::string& path) override;
  sdk::io_result<std::vector<std::string>> list(const std::string& path) override;
  sdk::io_status rename(const std::string& from, const std::string& to) override;
  sdk::io_status remove(const std::string& path) override;
  sdk::io_status sync_directory(const std::string& path) override;
  /// An flock(2) on the file `lock`, which holds the owner's process id for people to read. The
  /// kernel drops the lock with the process, so a stale file never blocks a start.
  sdk::io_result<std::unique_ptr<sdk::directory_lock>> lock() override;
  std::uint64_t free_bytes() override;
  std::string full_path(const std::string& path) const override;

private:
  const std::string root_;
};

}  // namespace troupe::reactor
