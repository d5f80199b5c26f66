#include "actors/session/component.hpp"

#include <chrono>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/session/session_actor.hpp"

namespace troupe::session {

using namespace std::chrono_literals;

sdk::component_type replicated_type() {
  using sdk::option_spec;
  sdk::component_type type;
  type.name = "session.replicated";
  type.summary = "Client sessions that survive the loss of a server: opening, resuming, expiry.";
  type.gives = {role::session::name, role::session::version};
  type.needs = {{"broadcast", {role::broadcast::name, role::broadcast::version}},
                {"tree", {role::tree::name, role::tree::version}}};
  type.options = {
      option_spec::duration("timeout.min", "Shortest session timeout that a client can get.")
          .by_default(4s)
          .between(1ms, 24h),
      option_spec::duration("timeout.max", "Longest session timeout that a client can get.")
          .by_default(40s)
          .between(1ms, 24h),
      option_spec::duration("tick",
                            "How exactly expiry is timed: a session ends at most this much after "
                            "its timeout, never before.")
          .by_default(500ms)
          .between(1ms, 1min)};
  type.check = [](const sdk::option_values& options) {
    std::vector<sdk::option_problem> problems;
    if (options.duration("timeout.min") > options.duration("timeout.max")) {
      problems.push_back({"timeout.min", "the shortest timeout is longer than the longest",
                          "make timeout.min at most timeout.max"});
    }
    return problems;
  };
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<session_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::session
