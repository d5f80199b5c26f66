#include "runtime/reactor/reactor_thread.hpp"

#include <exception>
#include <optional>
#include <utility>

namespace troupe::reactor {

reactor_thread::reactor_thread(caf::actor_system& system, sdk::disk& disk) {
  std::promise<void> started;
  auto running = started.get_future();
  thread_ = std::thread{[this, &system, &disk, promise = std::move(started)]() mutable {
    run(system, disk, std::move(promise));
  }};
  try {
    running.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

reactor_thread::~reactor_thread() {
  stop_->fulfill();
  thread_.join();
}

void reactor_thread::run(caf::actor_system& system, sdk::disk& disk, std::promise<void> started) {
  std::optional<reactor> here;
  try {
    here.emplace(system, disk);
  } catch (...) {
    started.set_exception(std::current_exception());
    return;
  }
  auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
  reactor_ = &*here;
  stop_ = kj::mv(stop.fulfiller);
  started.set_value();
  here->run_until(kj::mv(stop.promise));
  here->drain();
}

}  // namespace troupe::reactor
