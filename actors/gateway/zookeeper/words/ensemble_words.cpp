// What words and commands say of an ensemble (protocol sections 13.2 to 13.4).
#include <algorithm>

#include "actors/gateway/zookeeper/words/admin_command.hpp"
#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {
namespace {

using role::broadcast::inspection;
using role::broadcast::learner;
using role::broadcast::server_mode;

std::size_t count_of(const inspection& ensemble, bool votes, bool synced_only) {
  return static_cast<std::size_t>(
      std::count_if(ensemble.learners.begin(), ensemble.learners.end(), [&](const learner& one) {
        return one.votes == votes && (one.synced || !synced_only);
      }));
}

bool is_voter(const inspection& ensemble) {
  return std::any_of(ensemble.voters.begin(), ensemble.voters.end(),
                     [&](const auto& one) { return one.first == ensemble.self; });
}

/// `leading - broadcast`, as ZooKeeper writes it.
std::string peer_state(const inspection& ensemble) {
  if (!ensemble.leader) return "looking";
  std::string role = "observing";
  if (is_voter(ensemble)) role = "following";
  if (ensemble.leader == ensemble.self) role = "leading";
  return role + " - " + ensemble.phase;
}

void add_of_leader(const inspection& ensemble, named_values& to) {
  const auto add = [&](std::string name, auto value) {
    to.emplace_back(std::move(name), std::to_string(value));
  };
  // `followers` of old versions were all learners; monitors compare them with synced_followers, so
  // observers are left out of both.
  add("followers", count_of(ensemble, true, false));
  add("synced_followers", count_of(ensemble, true, true));
  add("pending_syncs", ensemble.pending_syncs);
  add("last_proposal_size", ensemble.last_proposal);
  add("max_proposal_size", ensemble.largest_proposal);
  add("min_proposal_size", ensemble.smallest_proposal);
  add("learners", ensemble.learners.size());
  add("synced_observers", count_of(ensemble, false, true));
  add("synced_non_voting_followers", 0);
  add("leader_uptime", ensemble.leader_for.count());
  for (const auto& one : ensemble.learners)
    add("learner_lag_" + std::to_string(one.server.value), one.lag);
}

void add_of_learner(const inspection& ensemble, named_values& to) {
  to.emplace_back("leader_lag", std::to_string(ensemble.lag));
  to.emplace_back("leader_silence", std::to_string(ensemble.leader_silence.count()));
}

document server_view(const std::string& address, const char* type) {
  document shown;
  // One port carries everything that servers say to each other.
  shown["server_addresses"] = {address};
  shown["election_addresses"] = {address};
  shown["client_address"] = "";
  shown["learner_type"] = type;
  return shown;
}

}  // namespace

named_values ensemble_values(const inspection& ensemble) {
  named_values values;
  if (!ensemble.ensemble) return values;
  if (ensemble.mode == server_mode::leader)
    add_of_leader(ensemble, values);
  else
    add_of_learner(ensemble, values);
  values.emplace_back("quorum_size", std::to_string(ensemble.voters.size()));
  values.emplace_back("peer_state", peer_state(ensemble));
  values.emplace_back("leader_id", std::to_string(ensemble.leader.value_or(server_id{}).value));
  values.emplace_back("epoch", std::to_string(ensemble.epoch));
  return values;
}

document admin_leader(const inspection& ensemble) {
  document shown = document::object();
  if (!ensemble.ensemble) return shown;
  shown["is_leader"] = ensemble.leader == ensemble.self;
  shown["leader_id"] = ensemble.leader.value_or(server_id{}).value;
  shown["leader_ip"] = "";
  for (const auto& [id, address] : ensemble.voters) {
    if (ensemble.leader == id) shown["leader_ip"] = address.substr(0, address.rfind(':'));
  }
  shown["leader_for_ms"] = ensemble.leader_for.count();
  return shown;
}

document admin_observers(const inspection& ensemble, bounded& room) {
  document shown;
  shown["synced_observers"] = count_of(ensemble, false, true);
  shown["observers"] = document::array();
  for (const auto& one : ensemble.learners) {
    if (one.votes || !room.take()) continue;
    document entry;
    entry["sid"] = one.server.value;
    entry["stage"] = one.stage;
    entry["last_zxid"] = one.durable.value;
    entry["lag"] = one.lag;
    entry["silence_ms"] = one.silence.count();
    shown["observers"].push_back(std::move(entry));
  }
  return shown;
}

document admin_voting_view(const inspection& ensemble) {
  auto servers = document::object();
  for (const auto& [id, address] : ensemble.voters)
    servers[std::to_string(id.value)] = server_view(address, "participant");
  document shown;
  shown["current_config"] = std::move(servers);
  return shown;
}

document admin_zab_state(const inspection& ensemble) {
  document shown;
  if (!ensemble.ensemble) return {{"voting", false}, {"zabstate", ""}};
  auto own = document::array();
  for (const auto* servers : {&ensemble.voters, &ensemble.observers}) {
    for (const auto& [id, address] : *servers)
      if (id == ensemble.self) own.push_back(address);
  }
  shown["myid"] = ensemble.self.value;
  shown["is_leader"] = ensemble.leader == ensemble.self;
  shown["quorum_address"] = {{"all_addresses", own}};
  shown["election_address"] = {{"all_addresses", own}};
  shown["voting"] = is_voter(ensemble);
  shown["last_zxid"] = hex(ensemble.last.value);
  shown["zab_epoch"] = ensemble.last.epoch();
  shown["zab_counter"] = ensemble.last.counter();
  shown["zabstate"] = ensemble.phase;
  return shown;
}

document proposal_stats(const inspection& ensemble) {
  return {{"last_buffer_size", ensemble.last_proposal},
          {"min_buffer_size", ensemble.smallest_proposal},
          {"max_buffer_size", ensemble.largest_proposal}};
}

}  // namespace troupe::zk
