#include "actors/tree/component.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/tree/tree_actor.hpp"

namespace troupe::tree {
namespace {

using namespace std::chrono_literals;

std::vector<sdk::option_spec> options() {
  return {
      sdk::option_spec::boolean("extended_types", "Allow nodes with a time to live.")
          .by_default(false),
      sdk::option_spec::boolean("enforce_quota",
                                "Refuse writes that would exceed the hard limits of a quota.")
          .by_default(false),
      sdk::option_spec::list("acl_schemes",
                             "Schemes that access control lists may use beside world and auth: "
                             "digest, ip, x509, sasl.")
          .by_default(std::vector<std::string>{"digest", "ip"}),
      sdk::option_spec::duration("reap_interval",
                                 "How often unused containers and aged nodes are looked for.")
          .by_default(60s)
          .between(1ms, 24h),
      sdk::option_spec::integer("reap_max_per_minute",
                                "How many of them are removed in a minute at most.")
          .counted_in("nodes")
          .by_default(10'000)
          .between(1, 100'000'000),
      sdk::option_spec::duration(
          "container_never_used",
          "After this time a container that never had a child is removed too; 0s: never.")
          .by_default(0s)
          .between(0s, 8760h),
      sdk::option_spec::integer("decision_accesses",
                                "How often one decision of a recipe, or one script of a native "
                                "client, may look at the tree or change it.")
          .counted_in("accesses")
          .by_default(20'000)
          .between(1, 100'000'000),
      sdk::option_spec::bytes("change_window",
                              "So much of the newest transactions is kept in memory, so that who "
                              "follows changes and was away for a moment misses none.")
          .by_default(std::int64_t{8} << 20)
          .between(0, std::int64_t{1} << 36),
      sdk::option_spec::duration(
          "decision_watchdog",
          "A decision that takes longer is named in the log, and the process ends, so that another "
          "server leads; 0s: nobody watches.")
          .by_default(10s)
          .between(0s, 1h),
  };
}

std::vector<sdk::option_problem> check(const sdk::option_values& values) {
  std::vector<sdk::option_problem> problems;
  const std::vector<std::string> known{"digest", "ip", "x509", "sasl"};
  for (const auto& scheme : values.list("acl_schemes"))
    if (std::find(known.begin(), known.end(), scheme) == known.end())
      problems.push_back({"acl_schemes", "unknown scheme '" + scheme + "'",
                          "use some of digest, ip, x509, sasl; world and auth are always there"});
  return problems;
}

}  // namespace

sdk::component_type znode_type() {
  sdk::component_type type;
  type.name = "tree.znode";
  type.summary = "The tree of znodes, with sessions, watches, access control and quotas.";
  type.gives = {role::tree::name, role::tree::version};
  type.needs = {{"storage", {role::storage::name, role::storage::version}}};
  type.options = options();
  type.on_failure = sdk::failure_policy::stop_node;
  type.check = check;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<tree_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::tree
