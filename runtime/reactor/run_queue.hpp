/// The actors of one reactor that have something to do.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <caf/resumable.hpp>
#include <troupe/base/prng.hpp>
#include <troupe/sdk/actor.hpp>

#include "runtime/reactor/loop_event.hpp"

namespace troupe::reactor {

/// Runs actors inside a KJ event loop: it is a CAF execution unit, and an event of the loop that
/// resumes a bounded number of actors and then lets every other event have its turn. Without the
/// bound, two actors that talk to each other for ever would starve every socket and timer.
class run_queue final : public sdk::reactor_unit {
public:
  /// Construct on the loop's thread. `wake` is called, from other threads, when a job comes from
  /// one of them; it must make the loop call `take_foreign` soon.
  run_queue(caf::actor_system& system, std::function<void()> wake);
  ~run_queue() override;

  /// From then on actors run in an order drawn from `seed` instead of first come, first served, and
  /// in batches of random size. For the simulator.
  void shuffle(std::uint64_t seed) { random_.emplace(seed); }

  /// Any thread. Takes over a reference to the job.
  void exec_later(caf::resumable* job) override;

  /// Moves jobs that came from other threads to the queue. On the home thread.
  void take_foreign();

  /// Whether nothing is waiting to run.
  [[nodiscard]] bool idle() const noexcept { return jobs_.empty(); }

private:
  void run_some();
  caf::resumable* next_job();
  void resume(caf::resumable* job);

  const std::thread::id home_ = std::this_thread::get_id();
  const std::function<void()> wake_;
  loop_event more_{[this] { run_some(); }};
  std::deque<caf::resumable*> jobs_;
  std::optional<prng> random_;
  std::mutex foreign_mutex_;
  std::vector<caf::resumable*> foreign_jobs_;
};

}  // namespace troupe::reactor
