/// Simulated servers that form an ensemble, with clients, and what can happen to them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>
#include <troupe/testing/simulation.hpp>

#include "test/simulation/ensemble_faults.hpp"
#include "test/simulation/ensemble_members.hpp"
#include "test/simulation/ensemble_watch.hpp"
#include "test/simulation/totals.hpp"
#include "test/simulation/workload.hpp"

namespace troupe::test {

/// One run: work under faults that overlap; then everything heals, all members must come back,
/// every client must make progress, all trees must become equal, and everything that was ever said
/// must be true together.
class ensemble_world {
public:
  /// `types` are the built-in ones, perhaps with a bug in one of them.
  ensemble_world(std::uint64_t seed, const ensemble_options& options, const sdk::catalog& types);
  ~ensemble_world();

  /// So many times something happens, or not.
  std::vector<std::string> run(int steps);

  void add_to(run_totals& totals) const;

private:
  void make_clients();
  bool wait_for(const std::function<bool()>& what, nanoseconds limit);
  void pass(nanoseconds length);
  [[nodiscard]] bool all_ready() const;
  std::vector<std::string> finish();
  void check_progress();
  void check_final_state();
  void check_trees();
  [[nodiscard]] std::string describe_all() const;

  testing::simulation simulation_;
  history history_;
  ensemble_watch watch_;
  const sdk::catalog types_;
  ensemble ensemble_;
  ensemble_faults faults_;
  std::vector<std::unique_ptr<busy_client>> clients_;
};

}  // namespace troupe::test
