#include "test/simulation/ensemble_members.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/server_files.hpp"
#include "runtime/compose/plan_load.hpp"

namespace troupe::test {
namespace {

constexpr auto deployment_text = R"(
troupe: 1
node: { id: 1, data_dir: data }
components:
  peers:     { type: peer.tcp, members: MEMBERS }
  log:
    type: storage.wal
    first_segment_bytes: 8KiB
    segment_bytes: 16KiB
    snapshot_log_bytes: 64MiB
    snapshot_transactions: SNAPSHOT
  tree:      { type: tree.znode }
  election:  { type: election.fast }
  broadcast:
    type: broadcast.zab
    init_limit: 2s
    sync_limit: 500ms
    ping_interval: 100ms
    keep_bytes: 4KiB
    lease: LEASE
  sessions:  { type: session.replicated, tick: 100ms, timeout: { min: 1s, max: 10s } }
  clients:   { type: gateway.zookeeper, listen: "0.0.0.0:2181" }
)";

struct shape_facts {
  std::size_t members;
  const char* more;  ///< options of the peers
};

shape_facts facts_of(ensemble_shape shape) {
  switch (shape) {
  case ensemble_shape::three:
    break;
  case ensemble_shape::five:
    return {5, ""};
  case ensemble_shape::three_and_observer:
    return {4, ", observers: [ 4 ]"};
  case ensemble_shape::three_groups:
    return {5, ", groups: [ [ 1, 2, 3 ], [ 4 ], [ 5 ] ]"};
  }
  return {3, ""};
}

quorum_system voters_of(ensemble_shape shape) {
  std::vector<server_id> all;
  const auto count = shape == ensemble_shape::three_and_observer ? 3 : facts_of(shape).members;
  for (std::uint32_t id = 1; id <= count; ++id)
    all.push_back({id});
  if (shape != ensemble_shape::three_groups) return quorum_system::majority(all);
  const quorum_system::weights groups[] = {
      {{all[0], 1}, {all[1], 1}, {all[2], 1}}, {{all[3], 1}}, {{all[4], 1}}};
  return quorum_system::hierarchical(groups);
}

compose::plan plan_of(std::size_t index, const ensemble_options& options,
                      const sdk::catalog& types) {
  const auto facts = facts_of(options.shape);
  std::string members = "{ ";
  for (std::size_t i = 1; i <= facts.members; ++i) {
    const auto id = std::to_string(i);
    members += (i == 1 ? "" : ", ") + id + ": \"name" + id + ":2888\"";
  }
  std::string text = deployment_text;
  text.replace(text.find("MEMBERS"), 7, members + " }" + facts.more);
  text.replace(text.find("SNAPSHOT"), 8, options.snapshots ? "150" : "100000");
  text.replace(text.find("LEASE"), 5, options.leases ? "300ms" : "0s");
  auto loaded = compose::load_text(
      "ensemble.yaml", text, {"node.id=" + std::to_string(index + 1)},
      [](const std::string&) { return std::optional<std::string>{}; }, types);
  if (!loaded.value) throw std::runtime_error{loaded.errors};
  return *std::move(loaded.value);
}

/// What the disk says of promises, whatever happens to its process at this moment.
std::optional<storage::epoch_facts> epochs_of(const ensemble_member& who) {
  const auto text = who.server->disk().content(storage::epochs_file);
  if (text.empty()) return std::nullopt;
  testing::sim_disk copy{1};
  copy.put(storage::epochs_file, text);
  const auto read = storage::read_epochs(copy);
  return read ? *read : std::nullopt;
}

}  // namespace

namespace {

ensemble_shape shape_of_seed(std::uint64_t seed) {
  switch (seed % 8) {
  case 1:
    return ensemble_shape::five;
  case 3:
    return ensemble_shape::three_and_observer;
  case 6:
    return ensemble_shape::three_groups;
  default:
    return ensemble_shape::three;
  }
}

}  // namespace

ensemble_options options_of_seed(std::uint64_t seed) {
  return {shape_of_seed(seed), seed / 8 % 2 == 1, seed / 16 % 4 == 3};
}

bool ensemble::promised(const ensemble_member& who, std::uint32_t epoch) {
  const auto facts = epochs_of(who);
  return facts && facts->accepted >= epoch;
}

bool ensemble::is_member(const ensemble_member& who) {
  const auto facts = epochs_of(who);
  return facts && facts->member;
}

bool ensemble::quorum_promised(std::uint32_t epoch) const {
  std::vector<server_id> who;
  for (const auto& one : members) {
    // Its promise may have been lost with its directory.
    if (one.lost_directory || promised(one, epoch)) who.push_back(one.id);
  }
  return voters.is_quorum(who);
}

ensemble make_ensemble(testing::simulation& world, const ensemble_options& options,
                       const sdk::catalog& types) {
  ensemble made;
  made.voters = voters_of(options.shape);
  for (std::size_t i = 0; i < facts_of(options.shape).members; ++i) {
    const auto id = std::to_string(i + 1);
    ensemble_member one;
    one.id = {static_cast<std::uint32_t>(i + 1)};
    one.name = "name" + id;
    one.plan = plan_of(i, options, types);
    one.server = &world.add_server("host" + id);
    world.network().rename(one.name, one.server->host());
    made.members.push_back(std::move(one));
  }
  return made;
}

}  // namespace troupe::test
