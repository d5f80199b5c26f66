#include "component.hpp"

#include <troupe/sdk/plugin.hpp>

#include "scheduler_actor.hpp"

using namespace std::chrono_literals;

namespace scheduler {

troupe::sdk::component_type component_type() {
  using troupe::sdk::option_spec;
  auto options = troupe::sdk::recipe_options();
  options.push_back(option_spec::integer("batch", "Tasks that one transaction gives to workers.")
                        .by_default(64)
                        .between(1, 256)
                        .counted_in("tasks"));
  options.push_back(option_spec::duration("ageing",
                                          "How long a task waits until it matters as "
                                          "much as one of the next priority; 0: for ever.")
                        .by_default(1min)
                        .between(0s, 24h));
  options.push_back(option_spec::duration("keep_runs", "How long after its end a run stays with "
                                                       "all its tasks, before it becomes history.")
                        .by_default(1h)
                        .between(0s, 30 * 24h));
  return {.name = "recipe.scheduler",
          .summary = "Jobs and their tasks, given to workers that call or watch an inbox.",
          .gives = {troupe::role::recipe::name, troupe::role::recipe::version},
          .needs = troupe::sdk::recipe_needs(),
          .options = std::move(options),
          .on_failure = troupe::sdk::failure_policy::dispensable,
          .factory =
              [](troupe::sdk::component_context& context) {
                return troupe::sdk::component_instance{
                    troupe::sdk::spawn_pinned<scheduler_actor>(context.unit, context)};
              },
          .check = troupe::sdk::check_recipe_options};
}

void register_types(troupe::sdk::catalog& types) { types.add(component_type()); }

}  // namespace scheduler

TROUPE_PLUGIN(TROUPE_PLUGIN_NAME, TROUPE_PLUGIN_VERSION, "Jobs and their tasks in the server",
              scheduler::register_types)
