/// Noticing that an actor system ends.
#pragma once

#include <functional>

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

namespace troupe::embed {

/// Calls a function when an actor system begins to end, on one of the system's threads. The system
/// does not go on ending before the function has returned. The call ends with `release`, or with
/// the guard.
class system_guard {
public:
  system_guard(caf::actor_system& system, std::function<void()> on_end);
  ~system_guard();

  system_guard(const system_guard&) = delete;
  system_guard& operator=(const system_guard&) = delete;

  /// From then on the function is not called, unless it is running already. Any thread.
  void release() noexcept;

private:
  class watch;

  caf::strong_actor_ptr watched_;
  watch* watch_;  ///< owned by the watched actor
};

}  // namespace troupe::embed
