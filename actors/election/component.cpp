#include "actors/election/component.hpp"

#include <chrono>

#include <troupe/roles/election.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/election/fast_actor.hpp"
#include "actors/election/fixed_actor.hpp"

namespace troupe::election {

using namespace std::chrono_literals;

sdk::component_type fast_type() {
  using sdk::option_spec;
  sdk::component_type type;
  type.name = "election.fast";
  type.summary = "Fast leader election: a quorum agrees on its member with the newest history.";
  type.gives = {role::election::name, role::election::version};
  type.needs = {{"peer", {role::peer::name, role::peer::version}}};
  type.options = {
      option_spec::duration("finalize_wait",
                            "A quorum that agrees waits this long for a better vote of a server "
                            "that can be reached and was not heard. About ten round trips between "
                            "the servers; 200ms where they are far apart.")
          .by_default(20ms)
          .between(1ms, 1min),
      option_spec::duration("repeat.first",
                            "A server without a leader repeats its vote after this time, then "
                            "after twice as long each time.")
          .by_default(50ms)
          .between(1ms, 1min),
      option_spec::duration("repeat.most", "Longest time between two repetitions.")
          .by_default(1s)
          .between(1ms, 10min)};
  type.check = [](const sdk::option_values& options) {
    std::vector<sdk::option_problem> problems;
    if (options.duration("repeat.first") > options.duration("repeat.most"))
      problems.push_back({"repeat.first", "the first repetition comes later than the longest wait",
                          "make repeat.first at most repeat.most"});
    return problems;
  };
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<fast_actor>(context.unit, context)};
  };
  return type;
}

sdk::component_type fixed_type() {
  using sdk::option_spec;
  sdk::component_type type;
  type.name = "election.fixed";
  type.summary = "A leader by configuration: for tests, and for applications that choose it.";
  type.gives = {role::election::name, role::election::version};
  type.options = {
      option_spec::integer("leader", "Id of the server that leads, the same on all servers.")
          .between(1, 254)
          .for_example("1"),
      option_spec::duration("retry", "A leader that could not be followed is tried again no "
                                     "sooner than after this time.")
          .by_default(50ms)
          .between(1ms, 1min)};
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<fixed_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::election
