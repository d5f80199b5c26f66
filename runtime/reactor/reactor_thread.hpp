/// A reactor on a thread of its own.
#pragma once

#include <future>
#include <memory>
#include <thread>

#include "runtime/reactor/reactor.hpp"

namespace troupe::reactor {

/// Runs a reactor on a new thread until it is destroyed. Destroy it after every actor that lives on
/// the reactor has ended, and before the actor system.
class reactor_thread {
public:
  reactor_thread(caf::actor_system& system, sdk::disk& disk);
  /// Drains the reactor and joins the thread.
  ~reactor_thread();

  [[nodiscard]] reactor& get() noexcept { return *reactor_; }

private:
  void run(caf::actor_system& system, sdk::disk& disk, std::promise<void> started);

  reactor* reactor_ = nullptr;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop_;
  std::thread thread_;
};

}  // namespace troupe::reactor
