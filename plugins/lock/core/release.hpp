/// Giving locks back, taking them away, handing them on: decisions of the leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/acquire.hpp"

namespace locks {

/// Who has a lock after a decision. Whoever waits and is named here has its turn now.
struct lock_state {
  std::string path;
  std::vector<holder> holders;
};

/// Who holds the lock: a decision that changes nothing, so its answer leaves when everything that
/// it saw is true.
answer_or_refusal<lock_state> look(troupe::decision_tree& tree, const mount_rules& rules,
                                   const std::string& path);

struct release_ask {
  std::string path;
  troupe::session_id session;
  troupe::zxid token;
};
struct release_done {
  bool now = false;  ///< false: it had been given back, or lost, before
  lock_state after;
};
/// Gives a lock back. A token that once may have held but does so no more is no error, so that a
/// release can be asked for again; one that was never given, or that somebody else holds, is
/// `not_held`.
answer_or_refusal<release_done> release(troupe::decision_tree& tree, const mount_rules& rules,
                                        const release_ask& ask);

/// The same by somebody who is not the holder: an administrator.
answer_or_refusal<release_done> take_away(troupe::decision_tree& tree, const mount_rules& rules,
                                          const std::string& path, troupe::zxid token);

/// That one claim stands in another's way.
struct blocking {
  std::string path;
  std::string waiter;  ///< names of nodes
  std::string holder;
};
/// The end of a wait.
struct withdraw_ask {
  acquire_ask ask;
  bool even_if_held = false;      ///< the caller has gone, nobody would release
  std::vector<blocking> only_if;  ///< nothing is done unless all of this is still so
};
struct withdraw_done {
  bool held = false;         ///< the turn came before the end of the wait: nothing was withdrawn
  bool withdrawn = false;    ///< none of the request's nodes is there any more
  std::vector<taken> locks;  ///< if held
  std::vector<lock_state> after;
};
/// Takes back the nodes which this very request made, unless all that it asked for is held by now.
answer_or_refusal<withdraw_done> withdraw(troupe::decision_tree& tree, const mount_rules& rules,
                                          const withdraw_ask& ask);

struct transfer_ask {
  release_ask from;
  party to;
  std::uint64_t request = 0;
  std::string data;
};
struct transfer_done {
  taken given;           ///< what the other party has now
  std::string replaced;  ///< the name of the claim with which it had waited; empty if it had none
  lock_state after;
};
/// Hands a lock that is held on to another party, with a new token and past all who wait. To other
/// clients the new node stands where the old one stood.
answer_or_refusal<transfer_done> transfer(troupe::decision_tree& tree, const mount_rules& rules,
                                          const transfer_ask& ask);

/// Asks the holder to give the lock up, as Curator's Revoker does: by the content of its node.
answer_or_refusal<holder> revoke(troupe::decision_tree& tree, const mount_rules& rules,
                                 const std::string& path, troupe::zxid token);
inline constexpr std::string_view revoke_request = "__REVOKE__";

/// Sets what everybody reads of the holder of a lock: the value of a leader.
answer_or_refusal<holder> proclaim(troupe::decision_tree& tree, const mount_rules& rules,
                                   const release_ask& by, std::string_view value);

}  // namespace locks
