#include "actors/gateway/http/component.hpp"

#include <chrono>

#include <troupe/roles/admin.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/gateway/http/http_actor.hpp"

namespace troupe::http {

using namespace std::chrono_literals;
using sdk::option_spec;

namespace {

std::vector<option_spec> options() {
  return {
      option_spec::address("listen",
                           "Address and port; port 0 takes any free port. Whoever reaches it can "
                           "read the names of all ephemeral and watched znodes and reset "
                           "statistics, so keep it on loopback or behind something that asks who "
                           "is there.")
          .by_default("127.0.0.1:2180"),
      option_spec::integer("max_connections",
                           "Connections at a time. One more closes the one that has been silent "
                           "for longest.")
          .counted_in("connections")
          .by_default(64)
          .between(1, 10'000),
      option_spec::duration("request_timeout",
                            "A client that takes longer to send the head of a request, or to take "
                            "an answer, is disconnected.")
          .by_default(5s)
          .between(10ms, 1h),
      option_spec::duration("idle_timeout", "A silent connection is closed after this time.")
          .by_default(30s)
          .between(10ms, 24h),
      option_spec::integer("max_list_entries",
                           "Lists in an answer of /commands end after so many entries, and the "
                           "answer says so with \"truncated\".")
          .counted_in("entries")
          .by_default(1000)
          .between(1, 100'000)};
}

}  // namespace

sdk::component_type gateway_type() {
  sdk::component_type type;
  type.name = "gateway.http";
  type.summary = "Metrics for Prometheus, health, status and ZooKeeper's admin commands over HTTP.";
  type.gives = {"monitor", 1};
  type.needs = {{"broadcast", {role::broadcast::name, role::broadcast::version}, true},
                {"admin", {role::admin::name, role::admin::version}, true}};
  type.options = options();
  type.on_failure = sdk::failure_policy::dispensable;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<http_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::http
