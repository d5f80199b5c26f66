/// A simulated server with its clients and everything that can happen to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>
#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan.hpp"
#include "test/simulation/workload.hpp"

namespace troupe::test {

/// The built-in component types.
const sdk::catalog& builtin_catalog();
/// A server with its data on disk, with tiny segments, snapshots and epochs, so that they turn over
/// all the time. `changes` are settings as with `--set`.
compose::plan crash_plan(const sdk::catalog& types, const std::vector<std::string>& changes = {});
const compose::plan& builtin_plan();

enum class fault {
  none,
  power_loss,     ///< at a random moment
  power_loss_at,  ///< at a certain write to the disk
  broken_network,
  clean_restart,
  full_disk,
  failing_sync,
  failing_write,
  clock_jump,
  bit_flip,  ///< while the server is down after a clean stop
};
/// All of them.
const std::vector<fault>& all_faults();

struct world_options {
  const compose::plan* plan = nullptr;  ///< null for `builtin_plan`
  std::vector<fault> faults = all_faults();
  int rounds = 4;
  int clients = 3;
  /// Called before each start of the server.
  std::function<void(testing::sim_server&)> before_start = {};
};

/// One run: rounds of work, each with a fault; then everything heals, every client must make
/// progress, and all that was ever said must be true together.
class crash_world {
public:
  explicit crash_world(std::uint64_t seed, world_options options = {});
  ~crash_world();

  /// Everything that went wrong, as sentences; empty if nothing did.
  std::vector<std::string> run();

  /// One round with this fault. `at` is the number of disk writes for `power_loss_at`.
  void round(fault what, std::uint64_t at);
  /// The end of a run, see `run`.
  std::vector<std::string> finish();

  /// Of everything that any client received.
  [[nodiscard]] std::uint64_t trace_hash() const;
  [[nodiscard]] const history& facts() const noexcept { return history_; }
  [[nodiscard]] testing::sim_server& server() noexcept { return server_; }

private:
  void start_server();
  void pass(nanoseconds length);
  bool wait_for(const std::function<bool()>& what, nanoseconds limit);
  void stop_cleanly();
  void expect_end(const std::string& word);
  void flip_a_bit();
  void end_round(fault what);
  void check_progress();
  void check_final_state();

  testing::simulation simulation_;
  const world_options options_;
  const compose::plan& plan_;
  testing::sim_server& server_;
  history history_;
  std::vector<std::unique_ptr<busy_client>> clients_;
};

/// How many seeds a test runs: TROUPE_SEEDS, or `standard`.
std::uint64_t seed_count(std::uint64_t standard);
/// The only seed to run, if TROUPE_SEED names one.
std::optional<std::uint64_t> only_seed();

/// Runs `one` for every seed, stops at the first that fails, and says how to run that again.
/// `kept` come before all others. From the environment: TROUPE_SEEDS says how many,
/// TROUPE_FIRST_SEED where they begin, TROUPE_CPU_MINUTES ends them when so much processor time is
/// used, TROUPE_FAILURES stops only at so many.
void for_each_seed(std::uint64_t standard,
                   const std::function<std::vector<std::string>(std::uint64_t)>& one,
                   std::span<const std::uint64_t> kept = {});

}  // namespace troupe::test
