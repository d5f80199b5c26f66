/// Who holds a lock, who waits for it, and since when: for people and tools.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/acquire.hpp"

namespace locks {

struct listed_claim {
  std::string node;  ///< whole path
  claim_kind kind = claim_kind::mutex;
  bool holds = false;
  troupe::zxid token;  ///< czxid of the node; a fencing token only if it holds
  troupe::session_id session;
  troupe::blob data;
  std::int64_t since_ms = 0;  ///< when the node was made, by the wall clock of the leader then
  bool native = false;        ///< made by this plugin
};

/// All claims on the lock, in the order of their turns. Changes nothing.
answer_or_refusal<std::vector<listed_claim>>
list(troupe::decision_tree& tree, const mount_rules& rules, const std::string& path);

}  // namespace locks
