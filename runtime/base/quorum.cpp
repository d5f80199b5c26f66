#include <troupe/base/quorum.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

quorum_system quorum_system::majority(std::span<const server_id> voters) {
  weights equal;
  for (const auto voter : voters)
    equal[voter] = 1;
  return weighted(equal);
}

quorum_system quorum_system::weighted(const weights& voters) { return hierarchical({&voters, 1}); }

quorum_system quorum_system::hierarchical(std::span<const weights> groups) {
  quorum_system made;
  for (const auto& listed : groups) {
    group one;
    for (const auto& [server, weight] : listed) {
      if (weight == 0 || made.is_voter(server)) continue;
      one.push_back({server, weight});
    }
    if (one.empty()) continue;
    for (const auto& member : one)
      made.voters_.insert(std::lower_bound(made.voters_.begin(), made.voters_.end(), member.server),
                          member.server);
    made.groups_.push_back(std::move(one));
  }
  return made;
}

bool quorum_system::is_quorum(std::span<const server_id> servers) const noexcept {
  std::size_t agreeing = 0;
  for (const auto& one : groups_) {
    std::uint64_t present = 0, all = 0;
    // By member and not by server given, so that one who is named twice counts once.
    for (const auto& [server, weight] : one) {
      all += weight;
      if (std::find(servers.begin(), servers.end(), server) != servers.end()) present += weight;
    }
    if (present > all / 2) ++agreeing;
  }
  return agreeing > groups_.size() / 2;
}

bool quorum_system::is_voter(server_id server) const noexcept {
  return std::binary_search(voters_.begin(), voters_.end(), server);
}

}  // namespace troupe
