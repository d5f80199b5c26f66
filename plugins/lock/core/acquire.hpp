/// Taking locks, one or several at once: decisions of the leader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/claims.hpp"

namespace locks {

/// What a mount is: fixed by its options.
struct mount_rules {
  std::string path;  ///< the mount; every lock is below it
  dialect how = dialect::curator;
  std::size_t max_claims = 10'000;   ///< of one lock, holders and waiters together
  std::int32_t max_permits = 1'000;  ///< of one semaphore
};

struct wanted_lock {
  std::string path;
  claim_kind kind = claim_kind::mutex;
  auto operator<=>(const wanted_lock&) const = default;
};

/// A wish for locks: all of them or none. `request` names it: a retry with the same number, by the
/// same party, finds what the first one made, on whatever server.
struct acquire_ask {
  std::vector<wanted_lock> locks;  ///< see `canonical`
  party who;
  std::uint64_t request = 0;
  std::string data;   ///< of the nodes: what other clients see of the caller
  bool wait = false;  ///< whether to stand in line if one of them is not free
};

/// One lock of an ask, after a decision.
struct taken {
  std::string path;
  std::string name;    ///< of the node
  troupe::zxid token;  ///< zero unless held
  bool held = false;
  bool made = false;            ///< by this very decision
  std::vector<holder> holders;  ///< unless held: who has it now
};

/// Sorts the locks of an ask by path, so that everybody takes them in the same order, and refuses
/// what contradicts itself: no lock, two kinds for one path, paths that are not below the mount.
answer_or_refusal<acquire_ask> canonical(const mount_rules& rules, acquire_ask ask);

/// Makes a node for each lock of which the party has none yet, all in one transaction, if they are
/// all free or if the caller waits. A party that holds a lock holds it again (and with the same
/// token); one that holds the write lock may read too, one that reads may not write.
/// @param ask as `canonical` gave it.
answer_or_refusal<std::vector<taken>> acquire(troupe::decision_tree& tree, const mount_rules& rules,
                                              const acquire_ask& ask);

bool all_held(const std::vector<taken>& locks) noexcept;

/// What the party holds of all that was asked for; nothing unless that is everything. Changes
/// nothing.
std::optional<std::vector<taken>> held_already(troupe::decision_tree& tree,
                                               const mount_rules& rules, const acquire_ask& ask);

/// Makes the node and its parents as containers, if they are missing. Throws `decision_refused`,
/// which takes everything back, if the server does not let it.
void ensure_path(troupe::decision_tree& tree, std::string_view path, troupe::node_kind kind);
/// An ephemeral node of the party's session. Otherwise like `ensure_path`. Gives its final path.
std::string make_claim(troupe::decision_tree& tree, std::string path, bool sequential,
                       troupe::session_id owner, std::string_view data);

/// Whether `path` is one of a node below the mount.
bool is_below(const mount_rules& rules, std::string_view path);
/// Refuses a path that is no node's, or not below the mount.
std::optional<refusal> check_path(const mount_rules& rules, std::string_view path);

}  // namespace locks
