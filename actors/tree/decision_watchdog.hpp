/// Who notices that a decision hangs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace troupe::tree {

/// A budget stops a decision that keeps looking at the tree. One that hangs elsewhere holds up
/// everybody on the tree's thread and cannot be stopped, so a thread of its own, by the machine's
/// clock, says whose fault it is. The thread begins with the first decision. It looks several times
/// in the course of the limit and believes only what it saw each time: a process that was stopped
/// as a whole (SIGSTOP) in the middle of a decision is nobody's fault.
class decision_watchdog {
public:
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
  bool running_ = false;      ///< a decision that was not barked at
  std::uint64_t number_ = 0;  ///< of the decision that runs, or the last one
  std::string name_;
  bool idle_ = false;  ///< the thread sleeps until there is a decision
  bool over_ = false;
  std::thread thread_;
};

}  // namespace troupe::tree
