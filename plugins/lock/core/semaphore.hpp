/// Semaphores: decisions of the leader.
///
/// Every child of the semaphore's `leases` is a permit that is taken. Who waits stands in line for
/// the exclusive lock beside them, just as the clients of the dialects do; whoever is first there
/// takes permits as soon as there are enough.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/acquire.hpp"
#include "core/release.hpp"

namespace locks {

struct permits_ask {
  std::string path;
  std::int32_t count = 1;  ///< how many are wanted, all or none
  /// How many the semaphore has. Zero: as it was set before. Another number than was set before is
  /// refused; see `resize`.
  std::int32_t permits = 0;
  party who;
  std::uint64_t request = 0;
  std::string data;
  bool wait = false;
};

struct permits_taken {
  bool held = false;
  troupe::zxid token;               ///< if held: zxid that created the leases
  std::vector<std::string> leases;  ///< paths of their nodes
  std::string queued;               ///< path of the node in the line; empty if held
};

/// Refuses what contradicts itself.
std::optional<refusal> check(const mount_rules& rules, const permits_ask& ask);

/// Takes permits if nobody is before the caller and enough are free; otherwise the caller gets a
/// place in the line. Asked again with the same request id, it finds what it has, and takes the
/// permits as soon as it can: whoever waits in the line gets its turn by this very decision.
answer_or_refusal<permits_taken> acquire_permits(troupe::decision_tree& tree,
                                                 const mount_rules& rules, const permits_ask& ask);

/// Gives all permits back that were taken with this token. As with `release`, a second time is no
/// error. Returns whether they were held until now.
answer_or_refusal<bool> release_permits(troupe::decision_tree& tree, const mount_rules& rules,
                                        const release_ask& ask);

/// The end of a wait: the permits, if they were free after all, or the place in the line is given
/// up. `even_if_held` gives them back too. Returns what is held.
answer_or_refusal<permits_taken> withdraw_permits(troupe::decision_tree& tree,
                                                  const mount_rules& rules, const permits_ask& ask,
                                                  bool even_if_held);

/// Sets how many permits there are. Those that are taken stay so, even if they are too many.
std::optional<refusal> resize(troupe::decision_tree& tree, const mount_rules& rules,
                              const std::string& path, std::int32_t permits);

}  // namespace locks
