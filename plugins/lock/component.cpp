#include "component.hpp"

#include <troupe/sdk/plugin.hpp>

#include "lock_actor.hpp"

namespace locks {

troupe::sdk::component_type component_type() {
  using troupe::sdk::option_spec;
  auto options = troupe::sdk::recipe_options();
  options.push_back(
      option_spec::choice("dialect", {"curator", "kazoo", "native"},
                          "Whose names the nodes of locks have: the clients of this make take part "
                          "in them, all others are refused. `native`: only callers of the recipe.")
          .by_default("curator"));
  options.push_back(option_spec::integer("max_claims",
                                         "Holders and waiters of one lock together, over which "
                                         "further calls are refused.")
                        .by_default(5'000)
                        .between(1, 5'000)
                        .counted_in("claims"));
  options.push_back(option_spec::integer("max_permits", "Permits that a semaphore may have.")
                        .by_default(1'000)
                        .between(1, 5'000)
                        .counted_in("permits"));
  return {.name = "recipe.lock",
          .summary =
              "Locks, semaphores and elections, decided on the leader, beside other clients.",
          .gives = {troupe::role::recipe::name, troupe::role::recipe::version},
          .needs = troupe::sdk::recipe_needs(),
          .options = std::move(options),
          .on_failure = troupe::sdk::failure_policy::dispensable,
          .factory =
              [](troupe::sdk::component_context& context) {
                return troupe::sdk::component_instance{
                    troupe::sdk::spawn_pinned<lock_actor>(context.unit, context)};
              },
          .check = troupe::sdk::check_recipe_options};
}

void register_types(troupe::sdk::catalog& types) { types.add(component_type()); }

}  // namespace locks

TROUPE_PLUGIN(TROUPE_PLUGIN_NAME, TROUPE_PLUGIN_VERSION,
              "Locks, semaphores and elections in the server", locks::register_types)
