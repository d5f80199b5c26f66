/// A thread for an application's callbacks.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe::embed {

/// Calls functions one after the other on a thread of its own, which starts with the first.
class notifier {
public:
  /// So many may wait. An application that is further behind will not catch up.
  static constexpr std::size_t max_waiting = 1'000'000;

  notifier() = default;
  ~notifier() { stop(); }

  notifier(const notifier&) = delete;
  notifier& operator=(const notifier&) = delete;

  /// Any thread. False if too many wait. After `stop` it does nothing.
  bool push(std::function<void()> call);

  /// Drops what waits, and waits for the call that runs, unless this is from within it.
  void stop();

private:
  struct state {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> calls;
    bool stopping = false;
  };
  static void work(const std::shared_ptr<state>& shared);

  const std::shared_ptr<state> shared_ = std::make_shared<state>();
  std::thread thread_;
};

}  // namespace troupe::embed
