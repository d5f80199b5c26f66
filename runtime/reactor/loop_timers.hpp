/// Timers on a KJ loop, for actors.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <kj/async.h>
#include <kj/timer.h>

#include <troupe/sdk/ports.hpp>

#include "runtime/reactor/loop_event.hpp"

namespace troupe::reactor {

/// Timers that can be cancelled, and made anew, from their own callbacks: callbacks run from an
/// event of this class and never inside the KJ promise that woke it, which KJ does not allow to be
/// destroyed from within. One KJ timer is armed, for the earliest deadline.
class loop_timers final : public sdk::timers {
public:
  explicit loop_timers(kj::Timer& timer);
  ~loop_timers() noexcept override;

  [[nodiscard]] sdk::timer after(nanoseconds delay, std::function<void()> callback) override;

private:
  struct handle;
  /// Timers of one moment go off in the order in which they were made.
  struct deadline {
    kj::TimePoint due;
    std::uint64_t number = 0;
    bool operator<(const deadline& other) const {
      return due < other.due || (due == other.due && number < other.number);
    }
  };
  using deadlines = std::map<deadline, std::function<void()>>;

  void run_due();
  void arm();

  kj::Timer& timer_;
  loop_event due_{[this] { run_due(); }};
  deadlines deadlines_;
  std::uint64_t next_number_ = 0;
  // Handles may outlive this object when actors are torn down late.
  std::shared_ptr<deadlines*> alive_ = std::make_shared<deadlines*>(&deadlines_);
  kj::Promise<void> wake_up_ = nullptr;
  kj::Maybe<kj::TimePoint> armed_for_;
};

}  // namespace troupe::reactor
