/// Whole servers in one thread, in virtual time, from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <troupe/base/prng.hpp>
#include <troupe/base/time.hpp>
#include <troupe/testing/sim_disk.hpp>
#include <troupe/testing/sim_network.hpp>
#include <troupe/testing/sim_time.hpp>

namespace troupe::compose {
struct plan;
struct component_status;
}  // namespace troupe::compose

namespace troupe::testing {

/// A simulated machine that runs one deployment. Its disk and its host name outlive crashes.
class sim_server {
public:
  virtual ~sim_server() = default;

  /// Starts a process with this plan, which outlives it. The server must be down.
  virtual void start(const compose::plan& plan) = 0;
  /// SIGTERM.
  virtual void stop() = 0;
  /// The power goes: nothing leaves the server from now on, and what its disk had not synced may be
  /// gone. The process is torn down before this returns.
  virtual void crash() = 0;

  /// SIGSTOP: its timers, its workers and its input stand still. What others send waits; they
  /// notice nothing but silence. Time goes on.
  virtual void pause() = 0;
  /// SIGCONT. A process that ends meanwhile is paused no more.
  virtual void resume() = 0;
  [[nodiscard]] virtual bool paused() const = 0;
  /// From now on each job of its worker threads takes up to `most`, also after a new start; zero:
  /// as usual.
  virtual void slow_workers(nanoseconds most) = 0;
  /// From its next start on the machine has this name in the network. The server must be down.
  virtual void move_to(const std::string& host) = 0;

  [[nodiscard]] virtual bool running() const = 0;  ///< a process exists
  [[nodiscard]] virtual bool ready() const = 0;    ///< and every component works
  /// Why the last process ended by itself; empty after an orderly stop, or while it runs.
  [[nodiscard]] virtual const std::string& failure() const = 0;
  [[nodiscard]] virtual sim_disk& disk() = 0;
  [[nodiscard]] virtual sim_clock& clock() = 0;
  [[nodiscard]] virtual const std::string& host() const = 0;
};

/// The world: a loop with virtual time, a network, and servers. Two runs with the same seed and the
/// same calls do the same in the same order. One per thread at a time.
class simulation {
public:
  explicit simulation(std::uint64_t seed, sim_network_options network = {});
  ~simulation();

  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// Adds a machine that is down. It lives as long as the simulation.
  sim_server& add_server(const std::string& host);

  /// Runs until `done` holds, looking after every few events, or until `limit` of virtual time has
  /// passed. Returns whether it holds.
  bool run_until(const std::function<bool()>& done, nanoseconds limit);
  /// Runs for a length of virtual time.
  void run_for(nanoseconds length);

  [[nodiscard]] sim_network& network();
  /// Timers and time of the world, for simulated clients.
  [[nodiscard]] sdk::timers& timers();
  [[nodiscard]] kj::Timer& kj_timer();  ///< the same time, for KJ's own needs
  [[nodiscard]] monotonic_time now() const;
  /// Random numbers for the test's own choices, from the same seed.
  [[nodiscard]] prng& random();
  [[nodiscard]] std::uint64_t seed() const noexcept;

private:
  struct world;
  std::unique_ptr<world> world_;
};

}  // namespace troupe::testing
