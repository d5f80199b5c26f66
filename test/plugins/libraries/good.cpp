/// A plugin as an author would write it, of two types.

#include <troupe/sdk/plugin.hpp>

namespace {

void register_types(troupe::sdk::catalog& types) {
  types.add({.name = "toy.one",
             .summary = "A toy.",
             .gives = {"toy", 1},
             .plugin = "what the author writes here does not count"});
  types.add({.name = "toy.two",
             .summary = "A toy that plays with another.",
             .gives = {"player", 1},
             .needs = {{"toy", {"toy", 1}}}});
}

}  // namespace

TROUPE_PLUGIN("good", "1.2.3", "Two toys", register_types)
