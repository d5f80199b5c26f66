/// The port to files: what storage may ask of a disk, real or simulated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <troupe/base/result.hpp>

namespace troupe::sdk {

/// Why a file operation failed: the error number of the system, and a sentence with operation, path
/// and reason.
struct io_error {
  int code = 0;
  std::string message;
  /// No space, or no quota left.
  [[nodiscard]] bool no_space() const noexcept;
  /// No space, or no file descriptor: nothing is wrong with the disk, and the operation may be
  /// tried again when others have given back what is missing. Storage survives no other error.
  [[nodiscard]] bool may_pass() const noexcept;
};

template <class T>
using io_result = result<T, io_error>;
/// Nothing, if it went well.
using io_status = std::optional<io_error>;

/// An open file. One thread at a time. What was written survives a power cut only after `sync`;
/// until then any part of it may be there or not.
class file {
public:
  virtual ~file() = default;
  /// Reads up to `into.size()` bytes; fewer only at the end of the file.
  virtual io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  /// Writes all of `bytes`, extending the file if needed.
  virtual io_status write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// Writes zeros, extending the file if needed, for content that comes later: the device has them
  /// when this returns, and they take no room in its cache if that can be avoided. They are durable
  /// after `sync`. Not for a range that is read or written meanwhile.
  virtual io_status write_zeros(std::uint64_t offset, std::uint64_t size) = 0;
  /// Makes content and size durable (fdatasync).
  virtual io_status sync() = 0;
  /// Hands what was written in this range to the device, and waits until it has it. Nothing is
  /// durable by that; but a later `sync`, of this file or of another, finds less to do at once.
  virtual io_status write_back(std::uint64_t offset, std::uint64_t size) = 0;
  virtual io_status truncate(std::uint64_t size) = 0;
  virtual io_result<std::uint64_t> size() = 0;
};

/// Held as long as nobody else may use a directory.
class directory_lock {
public:
  virtual ~directory_lock() = default;
};

/// A directory tree below one root; paths are relative to it, with '/' between components, and the
/// empty path is the root. One that begins with '/' is a file that an operator named. Calls may
/// block and are made on worker threads, but for those of set-up.
class disk {
public:
  virtual ~disk() = default;

  /// `create` gives an empty file: one that exists is emptied. The other two need one that exists.
  enum class mode { read, write_existing, create };

  virtual io_result<std::unique_ptr<file>> open(const std::string& path, mode how) = 0;
  /// Makes the directory and its parents; one that exists is fine.
  virtual io_status make_directory(const std::string& path) = 0;
  /// Names in a directory, sorted, without "." and "..".
  virtual io_result<std::vector<std::string>> list(const std::string& path) = 0;
  /// Replaces `to` atomically. Durable only after sync_directory.
  virtual io_status rename(const std::string& from, const std::string& to) = 0;
  /// A file that does not exist is fine.
  virtual io_status remove(const std::string& path) = 0;
  virtual io_status sync_directory(const std::string& path) = 0;
  /// Takes the lock of the root directory, without waiting. The error says who holds it, if known.
  virtual io_result<std::unique_ptr<directory_lock>> lock() = 0;
  /// Free bytes of the file system, for status; 0 if unknown.
  virtual std::uint64_t free_bytes() = 0;
  /// The path of `path` as a person would write it, for messages.
  virtual std::string full_path(const std::string& path) const = 0;
};

}  // namespace troupe::sdk
