#include "actors/gateway/local/component.hpp"

#include <chrono>

#include <troupe/sdk/component_context.hpp>

#include "actors/gateway/local/local_gateway.hpp"

namespace troupe::local {

using namespace std::chrono_literals;

sdk::component_type gateway_type() {
  using sdk::option_spec;
  sdk::component_type type;
  type.name = "gateway.local";
  type.summary = "Sessions, operations and watches for actors in the same process.";
  type.gives = {role::coordinator::name, role::coordinator::version};
  type.needs = {{"broadcast", {role::broadcast::name, role::broadcast::version}},
                {"session", {role::session::name, role::session::version}},
                {"tree", {role::tree::name, role::tree::version}}};
  type.options = {
      option_spec::duration("touch_interval",
                            "How often the sessions of living clients are kept alive; a third of "
                            "the shortest session timeout or less.")
          .by_default(1s)
          .between(1ms, 1min),
      option_spec::integer("max_waiting",
                           "Requests without an answer, of all clients together, over which new "
                           "ones are answered `throttled`.")
          .by_default(100'000)
          .between(1, 100'000'000)
          .counted_in("requests")};
  type.on_failure = sdk::failure_policy::restart;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<local_gateway>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::local
