/// What a component's factory gets, and gives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <troupe/base/ids.hpp>
#include <troupe/roles/component.hpp>
#include <troupe/roles/overview.hpp>
#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/metrics.hpp>
#include <troupe/sdk/options.hpp>
#include <troupe/sdk/ports.hpp>

namespace troupe::sdk {

/// Facts about the whole deployment that some components report.
struct deployment_info {
  server_id server;
  std::string data_dir;
  std::string version;
};

/// Everything that a component is made from. The references outlive the component.
struct component_context {
  std::string name;          ///< as in the deployment file
  std::uint32_t number = 0;  ///< unique in the deployment, from 1; also its lane's number
  const option_values& options;
  sdk::ports& ports;
  reactor_unit& unit;  ///< where the component's actors live
  role::component::supervisor supervisor;
  const deployment_info& deployment;
  std::map<std::string, caf::strong_actor_ptr> wires;  ///< by wire name
  /// Where this component counts. Take series in the actor's constructor.
  std::shared_ptr<sdk::metrics> metrics = sdk::metrics::unseen();
  /// Who knows all components; for those that show them to people. May be empty.
  role::overview::actor overview = {};

  /// The wired component in the role's typed handle. The composer has compared role and version.
  template <class Handle>
  [[nodiscard]] Handle wire(const std::string& wire_name) const {
    const auto found = wires.find(wire_name);
    return found == wires.end() ? Handle{} : Handle{found->second};
  }
};

/// A component that exists, but does nothing until it is told to start.
struct component_instance {
  caf::strong_actor_ptr actor;
};

}  // namespace troupe::sdk
