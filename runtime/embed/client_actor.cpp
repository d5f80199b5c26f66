#include "runtime/embed/client_actor.hpp"

#include <utility>

#include <caf/system_messages.hpp>

namespace troupe::embed {

namespace coordinator = role::coordinator;

client_actor::client_actor(caf::actor_config& config, sdk::reactor_unit& home,
                           coordinator::actor gateway, std::shared_ptr<client_core> core)
    : sdk::pinned_actor(config, home, 0, {}), gateway_(std::move(gateway)), core_(std::move(core)) {
}

caf::behavior client_actor::make_behavior() {
  set_down_handler([this](const caf::down_msg&) { quit(); });
  monitor(caf::actor_cast<caf::actor>(gateway_.pointer()));
  gateway_.send(coordinator::attach{self<coordinator::client>()});
  return handlers<coordinator::client>(
      [this](coordinator::wrote& m) { core_->take(m); },
      [this](coordinator::read_done& m) { core_->take(m); },
      [this](const coordinator::event& m) { core_->take(m); },
      [this](const coordinator::attached& m) {
        core_->attached(gateway_, m.client, caf::actor_cast<caf::strong_actor_ptr>(this));
      },
      [this](const coordinator::opened& m) { core_->take(m); },
      [this](const coordinator::session_ended& m) { core_->take(m); });
}

void client_actor::on_exit() {
  core_->lose("the coordinator has ended");
  core_.reset();
  gateway_.reset();
}

}  // namespace troupe::embed
