#include "actors/broadcast/component.hpp"

#include <chrono>
#include <string>
#include <vector>

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

namespace {

/// A lease that is not renewed in time is never held; one that outlives the patience of those who
/// wait for its end keeps every new leader from being established.
std::vector<sdk::option_problem> check_zab(const sdk::option_values& options) {
  const auto lease = options.duration("lease");
  if (lease == 0s) return {};
  std::vector<sdk::option_problem> problems;
  if (zab::usable(lease) < 2 * options.duration("ping_interval"))
    problems.push_back({"lease",
                        "the lease would run out between two pings: a tenth of it is kept for "
                        "clocks that differ",
                        "make it at least 2.3 times ping_interval, or 0s for none"});
  for (const auto* const limit : {"sync_limit", "init_limit"}) {
    if (lease > zab::usable(options.duration(limit)))
      problems.push_back(
          {"lease",
           std::string{"the lease is not shorter than "} + limit +
               " less a tenth for clocks that differ",
           std::string{"make it at most nine tenths of "} + limit + ", or 0s for none"});
  }
  return problems;
}

}  // namespace

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
      spec::duration("lease",
                     "If not 0s: a leader that a quorum has answered answers syncs and refusals "
                     "for almost so long without asking again, and a new leader waits until that "
                     "is over. The same on all members; see docs/ensembles.md.")
          .by_default(0s)
          .between(0s, 1h),
      spec::bytes("keep_bytes",
                  "So much of the newest transactions is kept in memory for members that come "
                  "back; older ones are read from the log.")
          .by_default(std::int64_t{2} * 1024 * 1024)
          .between(0, std::int64_t{4} * 1024 * 1024 * 1024),
  };
  type.check = check_zab;
  type.on_failure = sdk::failure_policy::stop_node;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<zab_actor>(context.unit, context)};
  };
  return type;
}

}  // namespace troupe::broadcast
