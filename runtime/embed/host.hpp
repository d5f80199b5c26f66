/// The threads under a deployment.
#pragma once

#include <memory>
#include <vector>

#include "runtime/compose/deployment.hpp"
#include "runtime/reactor/posix_disk.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/reactor/reactor_thread.hpp"

namespace troupe::embed {

/// A planned deployment on the real machine. The thread that constructs it becomes the first
/// reactor; the others get threads of their own. Construct, run and destroy it on that thread, and
/// destroy it before the actor system.
class host {
public:
  /// Makes the components; they start in `run`. `what` and its catalog outlive the host.
  /// @throws std::exception when the system gives no threads or descriptors.
  host(caf::actor_system& system, const compose::plan& what, compose::observer owner);
  /// Waits for the reactors' threads. Do not destroy the host of a deployment that ended stuck,
  /// unless the calling thread may hang: whatever holds the component up holds up its thread.
  ~host() noexcept(false);

  host(const host&) = delete;
  host& operator=(const host&) = delete;

  /// Runs the deployment until it has stopped or failed.
  compose::outcome run();

  [[nodiscard]] compose::deployment& deployment() noexcept { return *deployment_; }
  /// The reactor of the calling thread.
  [[nodiscard]] reactor::reactor& loop() noexcept { return loop_; }

private:
  std::vector<compose::place> places(caf::actor_system& system, std::size_t count);

  reactor::posix_disk disk_;
  reactor::reactor loop_;
  std::vector<std::unique_ptr<reactor::reactor_thread>> others_;
  kj::PromiseFulfillerPair<void> finished_;
  compose::outcome outcome_;
  std::unique_ptr<compose::deployment> deployment_;
};

}  // namespace troupe::embed
