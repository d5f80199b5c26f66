/// A simulated ensemble with faults, for the tests of plugin authors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <troupe/sdk/component_type.hpp>
#include <troupe/testing/sim_client.hpp>
#include <troupe/testing/simulation.hpp>

namespace troupe::testing {

struct sim_ensemble_options {
  std::uint32_t members = 3;
  /// Lines below `components:` of each member's deployment file, beside those of an ensemble with
  /// `gateway.local` (called `local`): "  locks: { type: recipe.lock, mount: /locks }\n". An
  /// indentation of two spaces.
  std::string components = {};
  /// Puts the types of the plugin under test beside the built-in ones.
  std::function<void(sdk::catalog&)> add = {};
  sim_network_options network = {};
};

/// Three servers, or as many as wanted, in one thread and in virtual time, each with a client in
/// it, and faults from the seed:
///
///     sim_ensemble ensemble{seed, {.components = "  mine: { type: mine }\n", .add = my_types}};
///     ensemble.start();
///     ensemble.disturb(5s);
///     ensemble.client(1).create("/a", "data");   // meanwhile servers crash, stop, are cut off
///     ensemble.heal();
///
/// The same seed does the same. Members are numbered from 1.
class sim_ensemble {
public:
  /// @throws std::invalid_argument with all errors of the deployment, as `troupe check` prints
  ///         them.
  explicit sim_ensemble(std::uint64_t seed, sim_ensemble_options options = {});
  ~sim_ensemble();
  sim_ensemble(const sim_ensemble&) = delete;
  sim_ensemble& operator=(const sim_ensemble&) = delete;

  /// Starts whoever is down, ends all faults, and runs until everybody serves. False after a
  /// minute: something is wrong then.
  bool start();

  [[nodiscard]] std::uint32_t size() const;
  [[nodiscard]] sim_server& server(std::uint32_t member);
  [[nodiscard]] sim_client& client(std::uint32_t member);
  /// Who leads and serves now, if somebody does.
  [[nodiscard]] std::optional<std::uint32_t> leader() const;

  /// The power of this member goes; it is started again by `restart`, or when faults end.
  void crash(std::uint32_t member);
  void restart(std::uint32_t member);
  /// Nobody else hears this member, and it hears nobody, until faults end.
  void isolate(std::uint32_t member);
  /// Its process stands still until faults end.
  void pause(std::uint32_t member);

  /// For so long, one thing after another happens to a minority of members: their power goes, they
  /// are paused, or cut off. It happens while the world is run by this object or its clients.
  void disturb(nanoseconds length);
  /// How many faults there were.
  [[nodiscard]] std::size_t faults() const;
  /// Ends all faults, also those that `disturb` still has in store; runs until everybody serves.
  bool heal() { return start(); }

  /// Runs until `done` holds, or `limit` of virtual time has passed. Returns whether it holds.
  bool run_until(const std::function<bool()>& done, nanoseconds limit = std::chrono::minutes{1});
  void run_for(nanoseconds length);
  [[nodiscard]] simulation& world();

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace troupe::testing
