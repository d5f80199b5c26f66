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
  began_ = clock::now();
  name_ = name;
  // Waking a thread costs more than most decisions, so one that has work wakes by itself.
  if (idle_) changed_.notify_one();
}

void decision_watchdog::end() {
  if (limit_ <= limit_.zero()) return;
  const std::lock_guard lock{mutex_};
  began_.reset();
}

void decision_watchdog::work() {
  std::unique_lock lock{mutex_};
  while (!over_) {
    if (!began_) {
      // Decisions come in bursts: it sleeps for good only after a whole limit without one.
      if (changed_.wait_for(lock, limit_, [this] { return over_ || began_; })) continue;
      idle_ = true;
      changed_.wait(lock, [this] { return over_ || began_; });
      idle_ = false;
      continue;
    }
    const auto due = *began_ + limit_;
    if (clock::now() < due) {
      changed_.wait_until(lock, due, [this] { return over_; });
      continue;
    }
    began_.reset();
    const auto name = name_;
    lock.unlock();
    bark_(name);
    lock.lock();
  }
}

}  // namespace troupe::tree
