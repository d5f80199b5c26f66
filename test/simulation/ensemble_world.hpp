/// Simulated servers that form an ensemble, with clients of each, and what can happen to them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan.hpp"
#include "test/simulation/workload.hpp"

namespace troupe::test {

enum class ensemble_fault {
  none,
  any_crash,       ///< of one member, whoever it is
  all_crash,       ///< the power goes for everybody
  broken_network,  ///< connections break, hosts stay
  clean_restart,   ///< of one member
};

/// One run: rounds of work, each with a fault; then everything heals, the clients of every member
/// must make progress, and all that was ever said must be true together.
class ensemble_world {
public:
  explicit ensemble_world(std::uint64_t seed, std::size_t members = 3);
  ~ensemble_world();

  std::vector<std::string> run(int rounds);
  void round(ensemble_fault what);
  std::vector<std::string> finish();

  [[nodiscard]] const history& facts() const noexcept { return history_; }

private:
  struct member {
    compose::plan plan;
    testing::sim_server* server = nullptr;
  };
  void start_all();
  void stop_cleanly(testing::sim_server& which);
  bool wait_for(const std::function<bool()>& what, nanoseconds limit);
  [[nodiscard]] bool all_ready() const;
  void check_progress();

  testing::simulation simulation_;
  history history_;
  std::vector<member> members_;
  std::vector<std::unique_ptr<busy_client>> clients_;
};

}  // namespace troupe::test
