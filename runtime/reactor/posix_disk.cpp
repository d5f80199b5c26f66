#include "runtime/reactor/posix_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace troupe::reactor {
namespace {

using sdk::io_error;
using sdk::io_result;
using sdk::io_status;

/// What a person can do about an error, if anything is known.
const char* advice(int code) {
  switch (code) {
  case ENOSPC:
  case EDQUOT:
    return "; make space on this file system";
  case EACCES:
  case EPERM:
    return "; give the server's user read and write access";
  case EROFS:
    return "; mount this file system writable";
  case EMFILE:
  case ENFILE:
    return "; raise the limit of open files";
  case ENOENT:
    return "; check the path";
  case EIO:
    return "; check the disk and the kernel's log";
  default:
    return "";
  }
}

io_error error(const char* operation, const std::string& path, int code = errno) {
  return {code, std::string{"cannot "} + operation + " " + path + ": " + std::strerror(code) +
                    advice(code)};
}

/// Calls `f` until it is not interrupted by a signal.
template <class F>
auto uninterrupted(F f) {
  while (true) {
    const auto outcome = f();
    if (outcome >= 0 || errno != EINTR) return outcome;
  }
}

/// A file descriptor that is closed with its owner.
class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

/// Zeros leave in pieces, so that a sync of another file never waits for more than one.
constexpr std::uint64_t zeros_at_once = 256 * 1024;
/// What direct writes have to begin and end at; no usual device asks for more.
constexpr std::uint64_t direct_block = 4096;
/// Not const, so that it takes room neither in the program's file nor, as nobody writes to it, in
/// memory.
alignas(direct_block) constinit std::array<std::byte, zeros_at_once> zeros{};

class posix_file final : public sdk::file {
public:
  posix_file(descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    std::size_t got = 0;
    while (got < into.size()) {
      const auto n = uninterrupted([&] {
        return ::pread(fd_.get(), into.data() + got, into.size() - got,
                       static_cast<off_t>(offset + got));
      });
      if (n < 0) return error("read", path_);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    return got;
  }

  io_status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    for (std::size_t done = 0; done < bytes.size();) {
      const auto n = uninterrupted([&] {
        return ::pwrite(fd_.get(), bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(offset + done));
      });
      if (n < 0) return error("write", path_);
      done += static_cast<std::size_t>(n);
    }
    return {};
  }

  io_status write_zeros(std::uint64_t offset, std::uint64_t size) override {
    const auto end = offset + size;
    if (offset % direct_block == 0) offset = write_zeros_directly(offset, end);
    while (offset < end) {
      const auto bytes = std::span{zeros}.first(std::min(zeros_at_once, end - offset));
      if (auto bad = write_at(offset, bytes)) return bad;
      if (auto bad = write_back(offset, bytes.size())) return bad;
      offset += bytes.size();
    }
    return {};
  }

  io_status sync() override {
    // Not retried after EINTR: whatever a failed fdatasync dropped, a second one would not report.
    if (::fdatasync(fd_.get()) != 0) return error("sync", path_);
    return {};
  }

  io_status write_back(std::uint64_t offset, std::uint64_t size) override {
    constexpr unsigned all =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const int failed =
        ::sync_file_range(fd_.get(), static_cast<off64_t>(offset), static_cast<off64_t>(size), all);
    // Not every file system has it. What it reports otherwise, a sync would not report again.
    if (failed != 0 && (errno == ENOSYS || errno == EINVAL)) return sync();
    if (failed != 0) return error("write back", path_);
    return {};
  }

  io_status truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0) {
      return error("truncate", path_);
    }
    return {};
  }

  io_result<std::uint64_t> size() override {
    struct stat facts {};
    if (::fstat(fd_.get(), &facts) != 0) return error("look at", path_);
    return static_cast<std::uint64_t>(facts.st_size);
  }

private:
  /// Past the page cache, which would cost five times the processor time. Returns how far it came:
  /// what a file system does not take this way, or fails to, is left to writes that say why.
  std::uint64_t write_zeros_directly(std::uint64_t offset, std::uint64_t end) const {
    if ((::fcntl(fd_.get(), F_GETFL) & O_ACCMODE) == O_RDONLY) return offset;
    // A descriptor of its own: others write to the same file, and not in whole blocks.
    const auto again = "/proc/self/fd/" + std::to_string(fd_.get());
    const descriptor direct{
        uninterrupted([&] { return ::open(again.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC); })};
    if (direct.get() < 0) return offset;
    while (end - offset >= direct_block) {
      const auto size = std::min(zeros_at_once, (end - offset) / direct_block * direct_block);
      const auto n = uninterrupted(
          [&] { return ::pwrite(direct.get(), zeros.data(), size, static_cast<off_t>(offset)); });
      if (n <= 0 || static_cast<std::uint64_t>(n) % direct_block != 0) break;
      offset += static_cast<std::uint64_t>(n);
    }
    return offset;
  }

  const descriptor fd_;
  const std::string path_;
};

class posix_lock final : public sdk::directory_lock {
public:
  explicit posix_lock(descriptor fd) : fd_(std::move(fd)) {}

private:
  const descriptor fd_;
};

/// What the holder of a lock file wrote into it: its process id.
std::string holder_of(int fd) {
  char text[32];
  const auto n = ::pread(fd, text, sizeof text, 0);
  std::string holder{text, n > 0 ? static_cast<std::size_t>(n) : 0};
  holder.erase(
      std::find_if_not(holder.begin(), holder.end(), [](char c) { return c >= '0' && c <= '9'; }),
      holder.end());
  return holder;
}

io_status sync_names(const std::string& directory) {
  const descriptor fd{
      uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); })};
  if (fd.get() < 0) return error("open directory", directory);
  if (::fsync(fd.get()) != 0) return error("sync directory", directory);
  return {};
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

posix_disk::posix_disk(std::string root) : root_(std::move(root)) {}

std::string posix_disk::full_path(const std::string& path) const {
  if (path.starts_with('/')) return path;
  return path.empty() ? root_ : root_ + "/" + path;
}

io_result<std::unique_ptr<sdk::file>> posix_disk::open(const std::string& path, mode how) {
  const auto full = full_path(path);
  const int flags = how == mode::read             ? O_RDONLY
                    : how == mode::write_existing ? O_RDWR
                                                  : O_RDWR | O_CREAT | O_TRUNC;
  const int fd = uninterrupted([&] { return ::open(full.c_str(), flags | O_CLOEXEC, 0640); });
  if (fd < 0) return error(how == mode::create ? "create" : "open", full);
  return std::unique_ptr<sdk::file>{std::make_unique<posix_file>(descriptor{fd}, full)};
}

io_status posix_disk::make_directory(const std::string& path) {
  const auto full = full_path(path);
  for (std::size_t slash = full.find('/', 1);; slash = full.find('/', slash + 1)) {
    const auto part = full.substr(0, slash);
    if (::mkdir(part.c_str(), 0750) == 0) {
      // Without its name a directory is lost in a power cut, with everything durable below it.
      if (auto bad = sync_names(parent_of(part))) return bad;
    } else if (errno != EEXIST) {
      return error("make directory", part);
    }
    if (slash == std::string::npos) break;
  }
  struct stat facts {};
  if (::stat(full.c_str(), &facts) != 0) return error("look at", full);
  if (!S_ISDIR(facts.st_mode)) return error("make directory", full, ENOTDIR);
  return {};
}

io_result<std::vector<std::string>> posix_disk::list(const std::string& path) {
  const auto full = full_path(path);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(full.c_str()), &::closedir};
  if (!directory) return error("list", full);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string name{entry->d_name};
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return error("list", full);
  std::sort(names.begin(), names.end());
  return names;
}

io_status posix_disk::rename(const std::string& from, const std::string& to) {
  if (::rename(full_path(from).c_str(), full_path(to).c_str()) != 0) {
    return error("rename", full_path(from) + " to " + full_path(to));
  }
  return {};
}

io_status posix_disk::remove(const std::string& path) {
  const auto full = full_path(path);
  if (::unlink(full.c_str()) != 0 && errno != ENOENT) return error("remove", full);
  return {};
}

io_status posix_disk::sync_directory(const std::string& path) {
  return sync_names(full_path(path));
}

io_result<std::unique_ptr<sdk::directory_lock>> posix_disk::lock() {
  const auto full = full_path("lock");
  descriptor fd{
      uninterrupted([&] { return ::open(full.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); })};
  if (fd.get() < 0) return error("create", full);
  if (uninterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return error("lock", full);
    const auto holder = holder_of(fd.get());
    return io_error{EWOULDBLOCK, "another server uses the data directory " + root_ +
                                     (holder.empty() ? "" : " (process " + holder + ")") +
                                     "; stop it, or give this one another data_dir"};
  }
  char text[32];
  const int length = std::snprintf(text, sizeof text, "%ld\n", static_cast<long>(::getpid()));
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), text, length, 0) != length) {
    return error("write", full);
  }
  return std::unique_ptr<sdk::directory_lock>{std::make_unique<posix_lock>(std::move(fd))};
}

std::uint64_t posix_disk::free_bytes() {
  struct statvfs facts {};
  if (::statvfs(root_.c_str(), &facts) != 0) return 0;
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace troupe::reactor
