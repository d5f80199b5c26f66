/// An event of a KJ loop that can be armed again and again.
#pragma once

#include <functional>
#include <utility>

#include <kj/async.h>

namespace troupe::reactor {

/// Calls a function from the loop, once for each time that it was armed, after everything that the
/// loop had queued before. It derives from the base of KJ's promises, because a promise cannot be
/// armed again from its own callback without making a new one each time.
class loop_event final : private kj::_::Event {
public:
  /// Construct and destroy on the loop's thread.
  explicit loop_event(std::function<void()> run) : run_(std::move(run)) {}
  ~loop_event() noexcept {}  // NOLINT: KJ's base may throw, and must not here

  /// Breadth first, and never last: KJ runs what is armed last in reverse order. Arming an armed
  /// event does nothing.
  void arm() { armBreadthFirst(); }

private:
  kj::Maybe<kj::Own<kj::_::Event>> fire() override {
    run_();
    return nullptr;
  }
  void traceEvent(kj::_::TraceBuilder&) override {}

  const std::function<void()> run_;
};

}  // namespace troupe::reactor
