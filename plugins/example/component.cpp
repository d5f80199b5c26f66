#include "component.hpp"

#include <troupe/base/znode_path.hpp>
#include <troupe/sdk/plugin.hpp>

#include "queue_handler.hpp"

namespace queue_handler {

namespace {

std::vector<std::string> handler_names() {
  std::vector<std::string> names;
  for (const auto& one : registered_handlers())
    names.emplace_back(one.name);
  return names;
}

std::vector<troupe::sdk::option_problem> check(const troupe::sdk::option_values& options) {
  const auto& path = options.text("path");
  if (troupe::is_valid_path(path) && path != "/") return {};
  return {{"path", "this is not the path of a node", "write one such as /orders"}};
}

}  // namespace

troupe::sdk::component_type component_type() {
  using troupe::sdk::option_spec;
  namespace coordinator = troupe::role::coordinator;
  return {
      .name = "example.queue_handler",
      .summary = "Handles the items of a queue in the server, each exactly once.",
      .gives = {"queue_handler", 1},
      .needs = {{"coordinator", {coordinator::name, coordinator::version}}},
      .options = {option_spec::text("path", "The node below which `items`, `results` and `failed` "
                                            "are; made if it is missing.")
                      .for_example("/orders"),
                  option_spec::choice("handler", handler_names(), "What is done with an item.")
                      .by_default("upper_case"),
                  option_spec::integer("batch", "Most items of one transaction.")
                      .by_default(10)
                      .between(1, 100)
                      .counted_in("items"),
                  option_spec::bytes("batch_bytes",
                                     "Data and results over which a transaction gets no further "
                                     "item.")
                      .by_default(1 << 20)
                      .between(1 << 10, 16 << 20)},
      .on_failure = troupe::sdk::failure_policy::restart,
      .factory =
          [](troupe::sdk::component_context& context) {
            return troupe::sdk::component_instance{
                troupe::sdk::spawn_pinned<queue_handler_actor>(context.unit, context)};
          },
      .check = check};
}

void register_types(troupe::sdk::catalog& types) { types.add(component_type()); }

}  // namespace queue_handler

TROUPE_PLUGIN(TROUPE_PLUGIN_NAME, TROUPE_PLUGIN_VERSION,
              "Handles the items of a queue in the server", queue_handler::register_types)
