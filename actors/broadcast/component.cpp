#include "actors/broadcast/component.hpp"

#include <chrono>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/election.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/broadcast/local_actor.hpp"
#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {

using namespace std::chrono_literals;

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

sdk::component_type zab_type() {
  using spec = sdk::option_spec;
  sdk::component_type type;
  type.name = "broadcast.zab";
  type.summary = "Total order on an ensemble: what a quorum has durably is committed (ZAB).";
  type.gives = {role::broadcast::name, role::broadcast::version};
  type.needs = {{"storage", {role::storage::name, role::storage::version}},
                {"tree", {role::tree::name, role::tree::version}},
                {"election", {role::election::name, role::election::version}},
                {"peer", {role::peer::name, role::peer::version}}};
  type.options = {
      spec::duration("init_limit",
                     "A leader that has not brought a quorum together, or a learner whose leader "
                     "does not go on with its synchronisation, gives up after so long.")
          .by_default(10s)
          .between(10ms, 1h),
      spec::duration("sync_limit",
                     "A leader that a follower has not heard of for so long is given up, and so is "
                     "a follower by its leader, and leading by a leader without a quorum.")
          .by_default(2s)
          .between(10ms, 1h),
      spec::duration("ping_interval", "How often the leader pings those who follow it.")
          .by_default(200ms)
          .between(1ms, 1min),
      spec::bytes("keep_bytes",
                  "So much of the newest transactions is kept in memory for members that come "
                  "back; older ones are read from the log.")
          .by_default(std::int64_t{2} * 1024 * 1024)
          .between(0, std::int64_t{4} * 1024 * 1024 * 1024),
  };
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<zab_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::broadcast
