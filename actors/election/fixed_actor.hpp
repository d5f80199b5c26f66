/// A leader by configuration.
#pragma once

#include <troupe/roles/election.hpp>
#include <troupe/sdk/component_context.hpp>

namespace troupe::election {

/// Answers every `look` with the same leader: for tests and for applications that choose it
/// themselves. Nothing is asked of other servers; if that leader is gone, there is none.
class fixed_actor final : public sdk::pinned_actor {
public:
  fixed_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "election.fixed"; }

private:
  void look(const role::election::look& message);
  void answer();
  void report_status(std::uint64_t token);

  const server_id self_, leader_;
  const nanoseconds retry_;
  sdk::clock& clock_;
  sdk::timers& timers_;
  role::election::client client_;
  std::uint64_t round_ = 0;
  monotonic_time next_answer_;  ///< not before
  sdk::timer timer_;
};

}  // namespace troupe::election
