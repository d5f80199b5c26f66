/// One worker of the crew.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "coordinated_actor.hpp"

/// Takes jobs from a list that all members share, one at a time. The member whose entry under
/// /crew/members is the oldest leads: it puts up the jobs that are missing, and says so in
/// /crew/leader. Nobody keeps anything in memory that the tree does not have, so whoever ends,
/// others go on where it was:
///
///     /crew/members/m-0000000003   ephemeral; data: the member's name
///     /crew/leader                 ephemeral; data: the leader's name
///     /crew/jobs/10000             data: empty; its claim, /crew/claims/10000, is ephemeral
///     /crew/results/10000          data: how many primes are below 10000
///     /crew/dismissed              data: the name of a member that is to go
class crew_member final : public coordinated_actor {
public:
  /// @param jobs how many jobs the leader puts up.
  crew_member(caf::actor_config& config, troupe::role::coordinator::actor coordinator,
              std::string name, int jobs);

private:
  void begin() override;
  void on_event(const troupe::role::coordinator::event& what) override;
  void on_lost() override;

  void look_who_leads();
  void lead();
  void look_for_work();
  void claim(std::vector<std::string> open);
  void finish(const std::string& job);
  void look_who_goes();

  const std::string name_;
  const int jobs_;
  std::string entry_;  ///< own node under /crew/members, without the path
  bool leads_ = false;
  bool working_ = false;
};
