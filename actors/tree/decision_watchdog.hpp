/// Who notices that a decision hangs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace troupe::tree {

/// A budget stops a decision that keeps looking at the tree. One that hangs elsewhere holds up
/// everybody on the tree's thread and cannot be stopped, so a thread of its own, by the machine's
/// clock, says whose fault it is. The thread begins with the first decision.
class decision_watchdog {
public:
  using clock = std::chrono::steady_clock;
  /// `bark` is called on the watchdog's thread, once for each decision that takes longer than
  /// `limit`, with its name; it may end the process. Zero: nobody watches.
  decision_watchdog(std::chrono::nanoseconds limit, std::function<void(const std::string&)> bark)
      : limit_(limit), bark_(std::move(bark)) {}
  ~decision_watchdog();
  decision_watchdog(const decision_watchdog&) = delete;
  decision_watchdog& operator=(const decision_watchdog&) = delete;

  /// While it lives, this decision runs.
  class watched {
  public:
    watched(decision_watchdog& by, std::string_view name) : by_(by) { by_.begin(name); }
    ~watched() { by_.end(); }
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;

  private:
    decision_watchdog& by_;
  };

private:
  void begin(std::string_view name);
  void end();
  void work();

  const std::chrono::nanoseconds limit_;
  const std::function<void(const std::string&)> bark_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<clock::time_point> began_;  ///< a decision that runs and was not barked at
  std::string name_;
  bool idle_ = false;  ///< the thread sleeps until there is a decision
  bool over_ = false;
  std::thread thread_;
};

}  // namespace troupe::tree
