/// Sockets and the clock.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <utility>

namespace bench {

/// A file descriptor that closes itself.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { reset(); }

  void reset() noexcept;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// Monotonic time in nanoseconds.
std::uint64_t clock_ns() noexcept;

/// Where the server is; resolved once.
struct endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  int family = 0;
  /// HOST:PORT for messages.
  std::string name;
};

/// `name` is HOST:PORT. Throws bench_error when it cannot be resolved.
endpoint resolve(const std::string& name);

/// A non-blocking TCP socket whose connect has begun or is done. `source` above 0: from loopback
/// address 127.0.0.`source`. Throws bench_error.
descriptor begin_connect(const endpoint& server, int source);

/// The error of a connect that has ended; 0 if it succeeded.
int connect_error(int fd) noexcept;

/// A blocking TCP connection whose reads and writes give up after `timeout_s`. Throws bench_error.
descriptor connect_blocking(const endpoint& server, double timeout_s);

}  // namespace bench
