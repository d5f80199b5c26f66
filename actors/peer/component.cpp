#include "actors/peer/component.hpp"

#include <troupe/sdk/component_context.hpp>

#include "actors/peer/peer_actor.hpp"
#include "actors/peer/settings.hpp"

namespace troupe::peer {

sdk::component_type tcp_type() {
  sdk::component_type type;
  type.name = "peer.tcp";
  type.summary = "Links to the other servers over TCP: authenticated, in order, by server id.";
  type.gives = {role::peer::name, role::peer::version};
  type.options = options();
  type.check = problems_of;
  type.check_for_server = problems_for;
  // A port that is taken does not become free by trying, and whoever needs links has to begin anew
  // without them anyway.
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<peer_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::peer
