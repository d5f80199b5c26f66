#include "socket.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <memory>

#include "protocol.hpp"

namespace bench {

namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw bench_error(what + ": " + std::strerror(error));
}

descriptor open_socket(const endpoint& server, int flags) {
  descriptor fd{::socket(server.family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)};
  if (!fd.valid()) {
    if (errno == EMFILE) {
      throw bench_error("no more file descriptors; raise the limit with `ulimit -n`");
    }
    fail("cannot open a socket", errno);
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void bind_source(int fd, int source) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(source) - 1);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
    fail("cannot use loopback address number " + std::to_string(source), errno);
  }
}

}  // namespace

void descriptor::reset() noexcept {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

std::uint64_t clock_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

endpoint resolve(const std::string& name) {
  const auto colon = name.rfind(':');
  const auto host = name.substr(0, colon);
  const auto port = name.substr(colon + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    throw bench_error("cannot resolve " + name + ": " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  endpoint result;
  std::memcpy(&result.address, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  result.family = found->ai_family;
  result.name = name;
  return result;
}

descriptor begin_connect(const endpoint& server, int source) {
  auto fd = open_socket(server, SOCK_NONBLOCK);
  if (source > 0) {
    bind_source(fd.get(), source);
  }
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server.address), server.size) != 0 &&
      errno != EINPROGRESS) {
    fail("cannot connect to " + server.name, errno);
  }
  return fd;
}

int connect_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

descriptor connect_blocking(const endpoint& server, double timeout_s) {
  auto fd = open_socket(server, 0);
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(timeout_s);
  limit.tv_usec = static_cast<suseconds_t>((timeout_s - std::floor(timeout_s)) * 1e6);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server.address), server.size) != 0) {
    fail("cannot connect to " + server.name, errno);
  }
  return fd;
}

}  // namespace bench
