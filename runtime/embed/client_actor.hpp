/// A blocking client, as the coordinator sees it.
#pragma once

#include <memory>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/actor.hpp>

#include "runtime/embed/client_core.hpp"

namespace troupe::embed {

/// Hands what the coordinator tells to those who wait for it. Lives on the reactor, so that no
/// thread of the application's scheduler is needed, which the waiting ones may all occupy.
class client_actor final : public sdk::pinned_actor {
public:
  client_actor(caf::actor_config& config, sdk::reactor_unit& home, role::coordinator::actor gateway,
               std::shared_ptr<client_core> core);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "troupe.client"; }

private:
  role::coordinator::actor gateway_;
  std::shared_ptr<client_core> core_;
};

}  // namespace troupe::embed
