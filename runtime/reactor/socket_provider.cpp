#include "runtime/reactor/socket_provider.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <kj/debug.h>

#include "runtime/reactor/accepted_socket.hpp"

namespace troupe::reactor {
namespace {

/// Whether the error is that of one connection, which was lost before it was accepted (accept(2)),
/// and not of accepting itself.
bool of_the_connection(int error) noexcept {
  switch (error) {
  case EINTR:
  case ENETDOWN:
  case EPROTO:
  case ENOPROTOOPT:
  case EHOSTDOWN:
  case ENONET:
  case EHOSTUNREACH:
  case EOPNOTSUPP:
  case ENETUNREACH:
  case ECONNABORTED:
  case ETIMEDOUT:
    return true;
  default:
    return false;
  }
}

[[noreturn]] void call_failed(const char* call, int error) {
  KJ_FAIL_SYSCALL(call, error);  // NOLINT(bugprone-suspicious-semicolon): the macro is a loop
}

class receiver final : public kj::ConnectionReceiver {
public:
  receiver(kj::UnixEventPort& port, kj::LowLevelAsyncIoProvider& io, kj::AutoCloseFd fd,
           kj::LowLevelAsyncIoProvider::NetworkFilter& filter)
      : io_(io), filter_(filter), fd_(kj::mv(fd)),
        observer_(port, fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ) {
    // Inherited by what is accepted. A socket that is not TCP's has no such option, and no delay.
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    for (;;) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      kj::AutoCloseFd taken{
          ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (taken.get() >= 0) {
        if (!filter_.shouldAllow(reinterpret_cast<sockaddr*>(&peer), size)) continue;
        return kj::Own<kj::AsyncIoStream>{
            kj::heap<accepted_socket>(io_, kj::mv(taken), peer, size)};
      }
      const int error = errno;
      if (error == EAGAIN) return observer_.whenBecomesReadable().then([this] { return accept(); });
      if (!of_the_connection(error)) call_failed("accept", error);
    }
  }

  kj::uint getPort() override {
    sockaddr_storage own{};
    kj::uint size = sizeof own;
    getsockname(reinterpret_cast<sockaddr*>(&own), &size);
    if (own.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(own).sin_port);
    if (own.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(own).sin6_port);
    return 0;
  }
  void getsockopt(int level, int option, void* value, kj::uint* size) override {
    socklen_t bytes = *size;
    KJ_SYSCALL(::getsockopt(fd_, level, option, value, &bytes));
    *size = bytes;
  }
  void setsockopt(int level, int option, const void* value, kj::uint size) override {
    KJ_SYSCALL(::setsockopt(fd_, level, option, value, size));
  }
  void getsockname(sockaddr* address, kj::uint* size) override {
    socklen_t bytes = *size;
    KJ_SYSCALL(::getsockname(fd_, address, &bytes));
    *size = bytes;
  }

private:
  kj::LowLevelAsyncIoProvider& io_;
  kj::LowLevelAsyncIoProvider::NetworkFilter& filter_;
  kj::AutoCloseFd fd_;
  kj::UnixEventPort::FdObserver observer_;
};

/// A connection that is being made. Made after `connect`, because a socket that has not begun is
/// writable.
class connecting {
public:
  connecting(kj::UnixEventPort& port, int fd)
      : fd_(fd), observer_(port, fd, kj::UnixEventPort::FdObserver::OBSERVE_WRITE) {}

  kj::Promise<void> done() {
    return observer_.whenBecomesWritable().then([this] {
      int error = 0;
      socklen_t size = sizeof error;
      if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
      if (error != 0) call_failed("connect", error);
    });
  }

private:
  const int fd_;
  kj::UnixEventPort::FdObserver observer_;
};

/// The flags with which KJ hands over the sockets that it makes itself.
constexpr kj::uint made_by_kj = kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK;

}  // namespace

kj::Promise<kj::Own<kj::AsyncIoStream>>
socket_provider::wrapConnectingSocketFd(int number, const sockaddr* address, kj::uint size,
                                        kj::uint flags) {
  sockaddr_storage peer{};
  if ((flags & made_by_kj) != made_by_kj || size > sizeof peer) {
    return io_.wrapConnectingSocketFd(number, address, size, flags);
  }
  kj::AutoCloseFd fd{number};
  std::memcpy(&peer, address, size);
  int error = 0;
  do {
    error = ::connect(fd, address, size) == 0 ? 0 : errno;
  } while (error == EINTR);
  if (error != 0 && error != EINPROGRESS) call_failed("connect", error);
  auto made = kj::heap<accepted_socket>(io_, kj::AutoCloseFd{}, peer, size);
  if (error == 0) {
    made->give_back(kj::mv(fd));
    return kj::Own<kj::AsyncIoStream>{kj::mv(made)};
  }
  auto waiting = kj::heap<connecting>(port_, fd.get());
  auto done = waiting->done();
  // What observes the descriptor goes before whoever uses it begins.
  return done.attach(kj::mv(waiting))
      .then([made = kj::mv(made), fd = kj::mv(fd)]() mutable -> kj::Own<kj::AsyncIoStream> {
        made->give_back(kj::mv(fd));
        return kj::mv(made);
      });
}

kj::Own<kj::ConnectionReceiver> socket_provider::wrapListenSocketFd(int fd, NetworkFilter& filter,
                                                                    kj::uint flags) {
  if ((flags & made_by_kj) != made_by_kj) return io_.wrapListenSocketFd(fd, filter, flags);
  return kj::heap<receiver>(port_, io_, kj::AutoCloseFd{fd}, filter);
}

}  // namespace troupe::reactor
