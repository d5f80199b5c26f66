/// Which sets of servers may decide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <troupe/base/ids.hpp>

namespace troupe {

/// Says which sets of servers are a quorum. A value: made once from the configuration, copied and
/// compared freely. Whatever it was made from, any two quorums have a server in common, a superset
/// of a quorum is one, and nobody is counted who is not a voter: not observers, not strangers, not
/// a server that is listed twice (zookeeper-protocol sections 11.3 and 11.9, rule 10).
class quorum_system {
public:
  /// What each server of a group counts. Weight 0 counts nowhere: such a server is no voter.
  using weights = std::map<server_id, std::uint32_t>;

  /// Nobody votes and nothing is a quorum.
  quorum_system() = default;

  /// More than half of the voters: floor(n/2) + 1, never half of an even number.
  [[nodiscard]] static quorum_system majority(std::span<const server_id> voters);
  /// More than half of the weight of all.
  [[nodiscard]] static quorum_system weighted(const weights& voters);
  /// More than half of the groups, each with more than half of its weight. Groups without weight
  /// are not counted among the groups. A server that is named by several groups belongs to the
  /// first that gives it weight; the deployment's check refuses that before it comes here.
  [[nodiscard]] static quorum_system hierarchical(std::span<const weights> groups);

  /// Whether these servers may decide together. In any order; takes no memory.
  [[nodiscard]] bool is_quorum(std::span<const server_id> servers) const noexcept;
  /// Whether the server counts at all.
  [[nodiscard]] bool is_voter(server_id server) const noexcept;
  /// Those who count, by id.
  [[nodiscard]] const std::vector<server_id>& voters() const noexcept { return voters_; }

  bool operator==(const quorum_system&) const = default;

private:
  struct member {
    server_id server;
    std::uint32_t weight = 0;
    bool operator==(const member&) const = default;
  };
  using group = std::vector<member>;

  /// Each has weight; majority and weighted are one group.
  std::vector<group> groups_;
  std::vector<server_id> voters_;
};

}  // namespace troupe
