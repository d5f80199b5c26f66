/// The connections of one reactor, watched by an epoll set of their own.
#pragma once

#include <kj/async-unix.h>

#include <troupe/sdk/byte_stream.hpp>

#include "runtime/reactor/loop_event.hpp"

namespace troupe::reactor {

/// An epoll set inside that of the KJ loop. KJ's own streams make, for each arrival, several
/// promises and a system call that finds nothing left to read; here an arrival is one call of a
/// function, and the loop is woken once for all sockets that have something. Edge-triggered:
/// a socket that nobody reads from costs nothing.
class socket_poll final : public sdk::direct_streams {
public:
  explicit socket_poll(kj::UnixEventPort& port);
  ~socket_poll() noexcept override;

  std::unique_ptr<sdk::byte_stream> adopt(kj::Own<kj::AsyncIoStream>& connection,
                                          sdk::byte_stream_events& events) override;

private:
  void watch();
  void poll();

  kj::AutoCloseFd epoll_;
  kj::UnixEventPort::FdObserver observer_;
  /// Polls again after other events had their turn, when there was more than one call can tell.
  loop_event again_{[this] { poll(); }};
  kj::Promise<void> watching_ = nullptr;
};

}  // namespace troupe::reactor
