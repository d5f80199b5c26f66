/// Fast leader election between the servers of a deployment.
#pragma once

#include <map>
#include <optional>

#include <troupe/roles/election.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/election/core/fast_election.hpp"

namespace troupe::election {

/// Carries notifications between the core and the peers' links, and decisions to the broadcast.
class fast_actor final : public sdk::pinned_actor {
public:
  fast_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "election.fast"; }

private:
  void membership(const role::peer::membership& message);
  void link_up(const role::peer::link_up& message);
  void link_down(const role::peer::link_down& message);
  void received(const role::peer::received& message);
  void look(const role::election::look& message);
  void settled(const role::election::settled& message);
  void report_status(std::uint64_t token);

  void refuse(server_id from, const std::string& why);
  /// Does what the core wants done, and sees to it that the core is woken in time.
  void carry_out();
  void send_all(const effects& wanted);
  void schedule();

  const server_id self_;
  const role::peer::actor peers_;
  sdk::clock& clock_;
  sdk::timers& timers_;
  role::election::client client_;

  fast_election core_;
  std::map<server_id, std::uint64_t> links_;
  std::optional<monotonic_time> looking_since_;
  sdk::timer timer_;
  std::optional<monotonic_time> timer_due_;
  std::uint64_t undecodable_ = 0;
  sdk::log_budget refusal_lines_{10, std::chrono::seconds{1}};
  const sdk::counter looks_total_, elected_total_, refused_total_;
  const sdk::gauge looking_now_;
};

}  // namespace troupe::election
