/// A disk in memory that fails the way disks do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/sdk/disk.hpp>

namespace troupe::testing {

/// A simulated disk. It remembers what was synced; `crash` drops the rest as the seed decides, and
/// then the same object is the disk of the next process. Everything is determined by the seed and
/// by the order of calls. Single-threaded.
///
/// What survives a crash: of each write since the file's last sync every 512-byte sector by itself
/// (often all or none of them); of the names changed since the directory's last sync a prefix, in
/// order. Syncing a file does not make its name durable.
class sim_disk final : public sdk::disk {
public:
  /// Error number of every operation of a process that is gone (see `crash_after_writes`). No
  /// system call gives it.
  static constexpr int process_gone = 100'001;

  explicit sim_disk(std::uint64_t seed, std::string name = "sim");
  ~sim_disk() override;

  sdk::io_result<std::unique_ptr<sdk::file>> open(const std::string& path, mode how) override;
  sdk::io_status make_directory(const std::string& path) override;
  sdk::io_result<std::vector<std::string>> list(const std::string& path) override;
  sdk::io_status rename(const std::string& from, const std::string& to) override;
  sdk::io_status remove(const std::string& path) override;
  sdk::io_status sync_directory(const std::string& path) override;
  sdk::io_result<std::unique_ptr<sdk::directory_lock>> lock() override;
  std::uint64_t free_bytes() override;
  std::string full_path(const std::string& path) const override;

  // ------------------------------------------------------------ what goes wrong

  /// The power goes: unsynced data may be gone, open files and the lock of the old process are
  /// dead, all faults planned below are forgotten. The next process may open everything again.
  void crash();
  /// The process ends without the machine: nothing written is lost, the rest as with `crash`.
  void kill();
  /// After `n` more changing operations (writes, syncs, names) every operation fails with
  /// `process_gone`, until `crash` or `kill`. The operation at which it happens may have begun.
  void crash_after_writes(std::uint64_t n);
  /// Whether that point was reached.
  [[nodiscard]] bool process_is_gone() const noexcept;
  /// After `n` more good syncs of files one fails (EIO), and what it should have made durable may
  /// silently never be, although it can still be read. Later ones succeed.
  void fail_sync_after(std::uint64_t n);
  /// After `n` more good writes one fails (EIO), possibly after it has begun.
  void fail_write_after(std::uint64_t n);
  /// All files together may hold so many bytes; more is ENOSPC, after as much as fits.
  void set_capacity(std::uint64_t bytes);
  /// From now on nothing that needs a new file descriptor works, with this error (EMFILE); 0: again
  /// everything.
  void fail_opens(int code);
  /// Turns one bit of a file, durably. False if the file is shorter.
  bool flip_bit(const std::string& path, std::uint64_t offset, unsigned bit);

  // ------------------------------------------------------------ what tests look at

  /// Changing operations so far.
  [[nodiscard]] std::uint64_t writes() const noexcept;
  /// Successful syncs of files so far.
  [[nodiscard]] std::uint64_t syncs() const noexcept;
  /// Bytes of all files.
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] bool exists(const std::string& path) const;
  /// The content as a reader would see it; empty if there is no such file.
  [[nodiscard]] std::string content(const std::string& path) const;
  /// Replaces or makes a file, durably.
  void put(const std::string& path, const std::string& bytes);
  /// Everything is gone, durably: the disk was replaced. No process may use it at this moment.
  void wipe();
  /// All files and their sizes, one per line.
  [[nodiscard]] std::string dump() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace troupe::testing
