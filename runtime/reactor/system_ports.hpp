/// Clock, random numbers and threads of the real machine.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <troupe/sdk/ports.hpp>

namespace troupe::reactor {

class system_clock final : public sdk::clock {
public:
  [[nodiscard]] monotonic_time now() const override;
  [[nodiscard]] wall_time wall() const override;
};

/// getrandom(2).
class system_entropy final : public sdk::entropy {
public:
  std::uint64_t number() override;
  std::string secret(std::size_t size) override;
};

/// One thread per lane, started with the lane's first job. Results wait in an inbox until the loop
/// collects them.
class worker_threads final : public sdk::workers {
public:
  /// `wake` is called on a worker's thread when results wait; it must make the loop's thread call
  /// `deliver` soon.
  explicit worker_threads(std::function<void()> wake);
  /// Waits for the running jobs; drops those that have not begun.
  ~worker_threads() override;

  std::uint32_t new_lane(std::string name, sdk::priority how) override;
  void run(std::uint32_t lane, std::function<void()> job, std::function<void()> done) override;

  /// Runs the `done` of every finished job. On the loop's thread.
  void deliver();

private:
  struct lane;
  void work(lane& mine);

  const std::function<void()> wake_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::mutex finished_mutex_;
  std::vector<std::function<void()>> finished_;
};

}  // namespace troupe::reactor
