/// Simulated ensembles of several shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/quorum.hpp>
#include <troupe/sdk/component_type.hpp>
#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan.hpp"

namespace troupe::test {

enum class ensemble_shape : std::uint8_t {
  three,
  five,
  three_and_observer,
  three_groups,  ///< hierarchical quorum: {1 2 3} {4} {5}
};
struct ensemble_options {
  ensemble_shape shape = ensemble_shape::three;
  bool snapshots = false;  ///< logs are short, and who was away for long is given a snapshot
  bool leases = false;     ///< the leader may answer without a round
};
ensemble_options options_of_seed(std::uint64_t seed);

/// One machine of the ensemble.
struct ensemble_member {
  server_id id;
  std::string name;  ///< what others connect to; it means a host, which may change
  compose::plan plan;
  testing::sim_server* server = nullptr;
  int starts = 0;  ///< so far
  int moves = 0;   ///< to other hosts so far
  std::optional<std::string> excuse =
      {};                       ///< a word in the reason with which it may stop by itself
  bool full = false;            ///< its disk
  bool slow = false;            ///< its disk, since it was started
  bool stop_noted = false;      ///< that it stopped by itself
  bool lost_directory = false;  ///< and has not been given everything since
};

/// The machines, down at first, and who of them may decide.
struct ensemble {
  std::vector<ensemble_member> members;
  std::vector<std::string> client_hosts;
  quorum_system voters;

  /// Whether the disk of this member has its promise of `epoch`, or a later one.
  [[nodiscard]] static bool promised(const ensemble_member& who, std::uint32_t epoch);
  /// Whether it counts as a member by what its disk says.
  [[nodiscard]] static bool is_member(const ensemble_member& who);
  [[nodiscard]] bool quorum_promised(std::uint32_t epoch) const;
};

/// Adds the machines to `world`; their names mean their hosts. `types` outlives what is made.
ensemble make_ensemble(testing::simulation& world, const ensemble_options& options,
                       const sdk::catalog& types);

}  // namespace troupe::test
