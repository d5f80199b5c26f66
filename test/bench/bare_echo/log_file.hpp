/// The log of the bare servers: appended and made durable in one go.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace bare {

/// A file that is written from the front again when it is full, with its space allocated before.
class log_file {
public:
  /// An empty path: no log, nothing is durable. Ends the program when the file cannot be made.
  explicit log_file(const char* path) {
    if (path == nullptr) {
      return;
    }
    fd_ = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    const std::string zeros(1 << 20, '\0');
    bool good = fd_ >= 0;
    for (off_t at = 0; good && at < size; at += static_cast<off_t>(zeros.size())) {
      good = ::pwrite(fd_, zeros.data(), zeros.size(), at) == static_cast<ssize_t>(zeros.size());
    }
    if (!good || ::fsync(fd_) != 0) {
      std::perror(path);
      std::exit(1);
    }
  }

  /// Makes `bytes` durable, if there is a log, and empties them.
  void append(std::string& bytes) {
    if (fd_ >= 0 && !bytes.empty()) {
      if (at_ + static_cast<off_t>(bytes.size()) > size) {
        at_ = 0;
      }
      if (::pwrite(fd_, bytes.data(), bytes.size(), at_) != static_cast<ssize_t>(bytes.size()) ||
          ::fdatasync(fd_) != 0) {
        std::perror("the log");
        std::exit(1);
      }
      at_ += static_cast<off_t>(bytes.size());
    }
    bytes.clear();
  }

private:
  static constexpr off_t size = 64 << 20;
  int fd_ = -1;
  off_t at_ = 0;
};

}  // namespace bare
