/// A running deployment.
#pragma once

#include <functional>
#include <vector>

#include <troupe/sdk/component_context.hpp>

#include "runtime/compose/plan.hpp"
#include "runtime/compose/supervisor.hpp"

namespace troupe::compose {

/// Brings a plan to life on reactors: real or simulated, in a program or in an embedder. All calls
/// on the thread of the first reactor. Must not be destroyed before `on_stopped` was called, unless
/// its ports are cut, as in a simulated crash.
class deployment {
public:
  /// Makes the components; they start when the reactor runs. `what`, its catalog and the
  /// places, one per reactor of the plan, outlive the deployment.
  deployment(const plan& what, std::vector<place> places, observer owner);

  deployment(const deployment&) = delete;
  deployment& operator=(const deployment&) = delete;

  /// Begins the staged stop; `on_stopped` follows. Harmless when it has begun already.
  void stop();

  /// Ends every actor of the deployment without a word to anybody: what is left of a process whose
  /// ports are cut. For the simulator's crashes.
  void abandon();

  /// Asks every component for its state.
  void collect_status(std::function<void(std::vector<component_status>)> answer);

private:
  const sdk::deployment_info info_;
  supervisor_handle supervisor_;
};

}  // namespace troupe::compose
