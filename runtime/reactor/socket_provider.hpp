/// KJ's sockets, but for how connections are accepted and made.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

namespace troupe::reactor {

/// KJ makes a complete stream of every connection. Here it is only a descriptor with an address
/// (accepted_socket), so that those who use it without promises do not pay for them: accepting is
/// two system calls instead of eight.
class socket_provider final : public kj::LowLevelAsyncIoProvider {
public:
  /// Everything else is done by `io`, which outlives this object.
  socket_provider(kj::UnixEventPort& port, kj::LowLevelAsyncIoProvider& io)
      : port_(port), io_(io) {}

  kj::Own<kj::ConnectionReceiver> wrapListenSocketFd(int fd, NetworkFilter& filter,
                                                     kj::uint flags) override;

  kj::Own<kj::AsyncInputStream> wrapInputFd(int fd, kj::uint flags) override {
    return io_.wrapInputFd(fd, flags);
  }
  kj::Own<kj::AsyncOutputStream> wrapOutputFd(int fd, kj::uint flags) override {
    return io_.wrapOutputFd(fd, flags);
  }
  kj::Own<kj::AsyncIoStream> wrapSocketFd(int fd, kj::uint flags) override {
    return io_.wrapSocketFd(fd, flags);
  }
  kj::Own<kj::AsyncCapabilityStream> wrapUnixSocketFd(int fd, kj::uint flags) override {
    return io_.wrapUnixSocketFd(fd, flags);
  }
  kj::Promise<kj::Own<kj::AsyncIoStream>>
  wrapConnectingSocketFd(int fd, const sockaddr* address, kj::uint size, kj::uint flags) override;
  kj::Own<kj::DatagramPort> wrapDatagramSocketFd(int fd, NetworkFilter& filter,
                                                 kj::uint flags) override {
    return io_.wrapDatagramSocketFd(fd, filter, flags);
  }
  kj::Timer& getTimer() override { return io_.getTimer(); }

private:
  kj::UnixEventPort& port_;
  kj::LowLevelAsyncIoProvider& io_;
};

}  // namespace troupe::reactor
