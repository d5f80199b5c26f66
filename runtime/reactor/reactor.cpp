#include "runtime/reactor/reactor.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <kj/debug.h>

namespace troupe::reactor {
namespace {

/// Events in a row before the loop looks for new input. Without it a loop that arms itself would
/// never look again.
constexpr kj::uint events_between_polls = 64;

kj::AutoCloseFd make_wake_fd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  KJ_REQUIRE(fd >= 0, "eventfd failed: no file descriptor is left");
  return kj::AutoCloseFd{fd};
}

}  // namespace

reactor::reactor(caf::actor_system& system, sdk::disk& disk)
    : io_(kj::setupAsyncIo()), socket_provider_(io_.unixEventPort, *io_.lowLevelProvider),
      provider_(kj::newAsyncIoProvider(socket_provider_)), wake_fd_(make_wake_fd()),
      wake_observer_(io_.unixEventPort, wake_fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ),
      workers_([this] { wake(); }), timers_(io_.provider->getTimer()), sockets_(io_.unixEventPort),
      queue_(system, [this] { wake(); }), ports_{clock_,
                                                 entropy_,
                                                 timers_,
                                                 workers_,
                                                 disk,
                                                 provider_->getNetwork(),
                                                 io_.provider->getTimer(),
                                                 &sockets_},
      wake_watch_(watch_wake_ups().eagerlyEvaluate(
          [](kj::Exception&& error) { KJ_LOG(FATAL, "the reactor's wake-up failed", error); })) {
  io_.waitScope.setBusyPollInterval(events_between_polls);
}

reactor::~reactor() noexcept(false) = default;

void reactor::run_until(kj::Promise<void> finished) { finished.wait(io_.waitScope); }

void reactor::drain() {
  for (queue_.take_foreign(); !queue_.idle(); queue_.take_foreign())
    kj::evalLater([] {}).wait(io_.waitScope);
}

void reactor::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is about to wake up anyway.
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

kj::Promise<void> reactor::watch_wake_ups() {
  return wake_observer_.whenBecomesReadable().then([this] {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof count);
    queue_.take_foreign();
    workers_.deliver();
    return watch_wake_ups();
  });
}

}  // namespace troupe::reactor
