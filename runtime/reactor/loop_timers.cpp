#include "runtime/reactor/loop_timers.hpp"

#include <algorithm>
#include <utility>

namespace troupe::reactor {

/// Knows its place in the map until the callback was taken out of it.
struct loop_timers::handle final : sdk::timer_handle {
  ~handle() override {
    if (const auto map = map_.lock(); map && *pending_) (*map)->erase(where_);
  }
  std::weak_ptr<deadlines*> map_;
  deadlines::iterator where_;
  std::shared_ptr<bool> pending_ = std::make_shared<bool>(true);
};

loop_timers::loop_timers(kj::Timer& timer) : timer_(timer) {}

loop_timers::~loop_timers() noexcept = default;

sdk::timer loop_timers::after(nanoseconds delay, std::function<void()> callback) {
  const auto due = timer_.now() + std::max<std::int64_t>(delay.count(), 0) * kj::NANOSECONDS;
  auto result = std::make_unique<handle>();
  result->map_ = alive_;
  const auto callback_once = [pending = result->pending_, run = std::move(callback)] {
    *pending = false;
    run();
  };
  result->where_ = deadlines_.emplace(deadline{due, next_number_++}, callback_once).first;
  arm();
  return result;
}

void loop_timers::arm() {
  if (deadlines_.empty()) return;
  const auto earliest = deadlines_.begin()->first.due;
  KJ_IF_MAYBE (armed, armed_for_) {
    if (*armed <= earliest) return;
  }
  armed_for_ = earliest;
  wake_up_ =
      timer_.atTime(earliest).then([this] { due_.arm(); }).eagerlyEvaluate([](kj::Exception&&) {});
}

void loop_timers::run_due() {
  armed_for_ = nullptr;
  // Timers made meanwhile have to wait: one that always makes the next would never let go.
  const deadline end{timer_.now(), next_number_};
  while (!deadlines_.empty() && deadlines_.begin()->first < end) {
    auto due = deadlines_.extract(deadlines_.begin());
    due.mapped()();
  }
  arm();
}

}  // namespace troupe::reactor
