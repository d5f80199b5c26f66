#pragma once

#include <chrono>

#include <troupe/sdk/component_type.hpp>

namespace troupe::toys {

/// Component types that exist only in tests, one for each thing a declaration can say. They have no
/// factories, because nothing is started.
inline sdk::catalog types() {
  using namespace std::chrono_literals;
  using sdk::option_spec;
  sdk::catalog all;
  all.add(
      {.name = "storage.wal",
       .summary = "A log on disk.",
       .gives = {"storage", 1},
       .options = {
           option_spec::bytes("segment_bytes", "Size of one file of the log.")
               .by_default(64 << 20)
               .between(1 << 20, std::int64_t{4} << 30),
           option_spec::boolean("sync", "Whether writes wait for the disk.").by_default(true)}});
  all.add({.name = "storage.memory", .summary = "A log in memory.", .gives = {"storage", 1}});
  all.add({.name = "storage.next", .summary = "A log from the future.", .gives = {"storage", 2}});
  all.add({.name = "tree.znode",
           .summary = "The tree.",
           .gives = {"tree", 1},
           .needs = {{"storage", {"storage", 1}}},
           .options = {option_spec::integer("max_nodes", "Most nodes that the tree holds.")
                           .by_default(1'000'000)
                           .between(1, 1'000'000'000)
                           .counted_in("nodes")}});
  all.add({.name = "session.replicated",
           .summary = "Sessions.",
           .gives = {"session", 1},
           .needs = {{"tree", {"tree", 1}}},
           .options = {option_spec::duration("timeout.min", "Shortest timeout a client gets.")
                           .by_default(4s)
                           .between(1ms, 1h),
                       option_spec::duration("timeout.max", "Longest timeout a client gets.")
                           .by_default(40s)
                           .between(1ms, 1h)},
           .check = [](const sdk::option_values& values) -> std::vector<sdk::option_problem> {
             if (values.duration("timeout.min") <= values.duration("timeout.max")) return {};
             return {{"timeout.min", "timeout.min is above timeout.max", "swap the two"}};
           }});
  all.add({.name = "gateway.zookeeper",
           .summary = "ZooKeeper's protocol.",
           .gives = {"gateway", 1},
           .needs = {{"session", {"session", 1}}, {"tree", {"tree", 1}}},
           .options =
               {option_spec::address("listen", "Where clients connect.").by_default("0.0.0.0:2181"),
                option_spec::list("words", "Four-letter words that are answered.")
                    .by_default(std::vector<std::string>{"ruok", "srvr"}),
                option_spec::text("super_digest", "Digest of the super user.").not_required()},
           .on_failure = sdk::failure_policy::restart});
  all.add({.name = "recipe.lock",
           .summary = "Locks.",
           .gives = {"recipe", 1},
           .needs = {{"tree", {"tree", 1}}, {"watcher", {"metrics", 1}, true}},
           .options = {option_spec::text("mount", "Path of the recipe.").for_example("/locks"),
                       option_spec::choice("dialect", {"curator", "kazoo", "native"},
                                           "How nodes are named.")
                           .by_default("curator")},
           .on_failure = sdk::failure_policy::restart});
  all.add({.name = "peer.tcp",
           .summary = "Links to the other servers.",
           .gives = {"peer_link", 1},
           .options = {option_spec::addresses("members", "All servers of the ensemble.")
                           .for_example("{ 1: \"localhost:2888\" }")}});
  all.add({.name = "ring.ping",
           .summary = "Half a ring.",
           .gives = {"ping", 1},
           .needs = {{"pong", {"pong", 1}}}});
  all.add({.name = "ring.pong",
           .summary = "Half a ring.",
           .gives = {"pong", 1},
           .needs = {{"ping", {"ping", 1}}}});
  return all;
}

}  // namespace troupe::toys
