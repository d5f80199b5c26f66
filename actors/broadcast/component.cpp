#include "actors/broadcast/component.hpp"

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/broadcast/local_actor.hpp"

namespace troupe::broadcast {

sdk::component_type local_type() {
  sdk::component_type type;
  type.name = "broadcast.local";
  type.summary = "Total order on one server: what is durable in its log is committed.";
  type.gives = {role::broadcast::name, role::broadcast::version};
  type.needs = {{"storage", {role::storage::name, role::storage::version}},
                {"tree", {role::tree::name, role::tree::version}}};
  type.options = {sdk::option_spec::integer(
                      "epoch_transactions",
                      "Transactions after which a new epoch begins, so that the counter in a zxid "
                      "never overflows.")
                      .counted_in("transactions")
                      .by_default(std::int64_t{0xfff00000})
                      .between(16, 0xfff00000)};
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<local_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::broadcast
