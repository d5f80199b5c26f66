/// A thread whose KJ event loop is at the same time the execution unit of its actors.
#pragma once

#include <functional>
#include <memory>

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include "runtime/reactor/loop_timers.hpp"
#include "runtime/reactor/run_queue.hpp"
#include "runtime/reactor/socket_poll.hpp"
#include "runtime/reactor/socket_provider.hpp"
#include "runtime/reactor/system_ports.hpp"

namespace troupe::reactor {

/// The event loop of the thread that constructs it, with the real machine behind its ports.
/// Sockets, timers and actors share the thread, so that a request goes from socket to actor and
/// back without a thread switch (design section 3). Destroy it on the same thread, after every
/// actor that lives on it has ended and before the actor system.
class reactor {
public:
  reactor(caf::actor_system& system, sdk::disk& disk);
  ~reactor() noexcept(false);

  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// Runs the loop until `finished` is fulfilled.
  void run_until(kj::Promise<void> finished);

  /// Runs the loop until no actor has anything left to do. For the end of a run.
  void drain();

  [[nodiscard]] sdk::reactor_unit& unit() noexcept { return queue_; }
  [[nodiscard]] sdk::ports& ports() noexcept { return ports_; }
  [[nodiscard]] kj::UnixEventPort& event_port() noexcept { return io_.unixEventPort; }

  /// Any thread: makes the loop look at what other threads left for it.
  void wake() noexcept;

private:
  kj::Promise<void> watch_wake_ups();

  kj::AsyncIoContext io_;
  socket_provider socket_provider_;
  kj::Own<kj::AsyncIoProvider> provider_;
  kj::AutoCloseFd wake_fd_;
  kj::UnixEventPort::FdObserver wake_observer_;
  system_clock clock_;
  system_entropy entropy_;
  worker_threads workers_;
  loop_timers timers_;
  socket_poll sockets_;
  run_queue queue_;
  sdk::ports ports_;
  kj::Promise<void> wake_watch_;
};

}  // namespace troupe::reactor
