#include "runtime/reactor/socket_provider.hpp"

#include <cerrno>

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
      if (!of_the_connection(error)) KJ_FAIL_SYSCALL("accept", error);
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

}  // namespace

kj::Own<kj::ConnectionReceiver> socket_provider::wrapListenSocketFd(int fd, NetworkFilter& filter,
                                                                    kj::uint flags) {
  constexpr kj::uint ours = TAKE_OWNERSHIP | ALREADY_CLOEXEC | ALREADY_NONBLOCK;
  if ((flags & ours) != ours) return io_.wrapListenSocketFd(fd, filter, flags);
  return kj::heap<receiver>(port_, io_, kj::AutoCloseFd{fd}, filter);
}

}  // namespace troupe::reactor
