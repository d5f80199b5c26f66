#include "actors/tree/decision_watchdog.hpp"

namespace troupe::tree {

decision_watchdog::~decision_watchdog() {
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void decision_watchdog::begin(std::string_view name) {
  if (limit_ <= limit_.zero()) return;
  if (!thread_.joinable()) thread_ = std::thread{[this] { work(); }};
  const std::lock_guard lock{mutex_};
  running_ = true;
  ++number_;
  name_ = name;
  // Waking a thread costs more than most decisions, so one that has work wakes by itself.
  if (idle_) changed_.notify_one();
}

void decision_watchdog::end() {
  if (limit_ <= limit_.zero()) return;
  const std::lock_guard lock{mutex_};
  running_ = false;
}

void decision_watchdog::work() {
  constexpr int looks = 8;
  std::unique_lock lock{mutex_};
  std::uint64_t seen = 0;
  int times = 0;
  while (!over_) {
    times = running_ && number_ == seen ? times + 1 : 0;
    seen = number_;
    if (times == looks) {
      running_ = false;
      const auto name = name_;
      lock.unlock();
      bark_(name);
      lock.lock();
      continue;
    }
    changed_.wait_for(lock, limit_ / looks, [this] { return over_; });
    if (over_ || running_ || number_ != seen) continue;
    // Decisions come in bursts: it sleeps for good only when there was none for a while.
    idle_ = true;
    changed_.wait(lock, [this] { return over_ || running_; });
    idle_ = false;
  }
}

}  // namespace troupe::tree
