/// The timer of one simulated process, which can be stopped like the process.
#pragma once

#include <vector>

#include <kj/async.h>
#include <kj/timer.h>

namespace troupe::testing {

/// Tells the time of the world at any moment, but while it is paused nothing that waits for a time
/// goes on; afterwards everything does whose time has come.
class pausable_timer final : public kj::Timer {
public:
  explicit pausable_timer(kj::Timer& world) : world_(world) {}

  [[nodiscard]] kj::TimePoint now() const override { return world_.now(); }
  kj::Promise<void> atTime(kj::TimePoint when) override {
    return world_.atTime(when).then([this] { return when_running(); });
  }
  kj::Promise<void> afterDelay(kj::Duration delay) override { return atTime(now() + delay); }

  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    for (auto& one : waiting_)
      one->fulfill();
    waiting_.clear();
  }

private:
  kj::Promise<void> when_running() {
    if (!paused_) return kj::READY_NOW;
    auto wait = kj::newPromiseAndFulfiller<void>();
    waiting_.push_back(kj::mv(wait.fulfiller));
    return kj::mv(wait.promise);
  }

  kj::Timer& world_;
  bool paused_ = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;
};

}  // namespace troupe::testing
