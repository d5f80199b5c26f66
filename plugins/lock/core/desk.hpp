/// Where calls wait for locks: a state machine without actors, I/O or time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/acquire.hpp"
#include "core/release.hpp"
#include "core/semaphore.hpp"
#include "core/wait_graph.hpp"

namespace locks {

/// A decision that the desk wants the leader to make.
struct look_ask {
  std::string path;
};
struct permits_withdraw_ask {
  permits_ask ask;
  bool even_if_held = false;
};
using desk_ask =
    std::variant<acquire_ask, withdraw_ask, look_ask, permits_ask, permits_withdraw_ask>;
/// What became of it: the answer that fits the ask.
using desk_outcome =
    std::variant<refusal, std::vector<taken>, withdraw_done, lock_state, permits_taken>;

/// Makes the decision.
desk_outcome decide(troupe::decision_tree& tree, const mount_rules& rules, const desk_ask& ask);

/// The calls for locks and permits of one mount, on the leader: those that wait are known here and
/// nowhere else, as (node, call). The nodes are the truth; whoever asks again with the same request
/// id finds its node, on the next leader too.
///
/// A waiter gets its turn when somebody who is told of a change, or whose decision made it, has
/// learned who holds the lock. Everything that is told must be told in the order in which it became
/// true: events before the answers to decisions that saw them.
class desk {
public:
  /// To be given to the leader; its outcome comes back by `decided` or `failed`.
  struct decision {
    std::uint64_t ticket = 0;
    desk_ask ask;
  };
  using outcome = std::variant<std::vector<taken>, permits_taken, refusal>;
  /// The end of a call.
  struct answer {
    call_number call = 0;
    desk::outcome result;
  };
  struct effects {
    std::vector<decision> decisions;
    std::vector<answer> answers;
  };

  explicit desk(mount_rules rules) : rules_(std::move(rules)) {}

  /// New calls; numbers grow. Each is answered once, unless it is forgotten.
  void acquire(call_number call, acquire_ask ask);
  void acquire(call_number call, permits_ask ask);
  /// The wait is over. If the turn has come meanwhile, the call is answered with the lock.
  void time_out(call_number call);
  /// The caller wants it no more: what it may have got meanwhile is given back.
  void cancel(call_number call);
  /// The caller cannot be answered now, and may ask again with the same request id.
  void forget(call_number call);

  /// Something changed at or below the mount.
  void changed(const std::string& path, bool deleted, troupe::zxid at);
  /// The outcome of a decision, which saw everything up to `as_of`.
  void decided(std::uint64_t ticket, desk_outcome what, troupe::zxid as_of);
  /// The decision did not come to pass.
  void failed(std::uint64_t ticket, refusal why);

  /// A decision that is not the desk's will tell about this lock: `learned`, or `not_learned` if it
  /// fails. Until then the desk does not ask by itself.
  void expect(const std::string& path);
  void learned(const lock_state& state, troupe::zxid as_of);
  void not_learned(const std::string& path);
  /// A claim with which somebody waited was replaced by one that holds. Before `learned`.
  void moved(const std::string& replaced, const taken& given);

  /// This server leads no more: everybody is told.
  void clear(const refusal& why);

  effects take_effects() { return std::exchange(effects_, {}); }
  [[nodiscard]] std::size_t waiting() const noexcept { return calls_.size(); }

private:
  enum class stage : std::uint8_t { asking, waiting, ending };
  struct call {
    std::variant<acquire_ask, permits_ask> ask;
    desk::stage stage = stage::asking;
    std::vector<taken> locks;         ///< of an acquire_ask, once asked
    std::string queued;               ///< path of the node, of a permits_ask, once asked
    bool over = false;                ///< it does not wait any longer
    bool unwanted = false;            ///< and nobody wants the lock
    bool forgotten = false;           ///< nobody is to be answered
    refusal why = {};                 ///< of the end
    std::vector<blocking> ring = {};  ///< for which its end was asked
  };
  struct deletion {
    std::string node;
    troupe::zxid at;
  };
  /// A lock or semaphore for which somebody waits.
  struct watched {
    std::set<call_number> calls;
    bool is_semaphore = false;
    bool look_again = false;
    troupe::zxid changed;             ///< zero: everybody knows who has it
    std::vector<deletion> deletions;  ///< that a decision under way may explain
  };
  struct ticket {
    call_number call = 0;            ///< zero if it is nobody's
    std::vector<std::string> paths;  ///< of the locks of which it will tell whose turn it is
  };

  // desk.cpp
  void ask(ticket about, desk_ask what);
  void finish(call_number number, outcome with);
  void end(call_number number, refusal why, bool unwanted);
  void begin_ending(call_number number);
  [[nodiscard]] bool has_company(const call& one) const;
  void drop(call_number number);
  void end_expectation(const std::string& path);
  [[nodiscard]] std::vector<std::string> nodes_of(const call& one) const;

  // desk_outcomes.cpp
  void take(const ticket& about, refusal why, troupe::zxid as_of);
  void take(const ticket& about, std::vector<taken> locks, troupe::zxid as_of);
  void take(const ticket& about, withdraw_done done, troupe::zxid as_of);
  void take(const ticket& about, lock_state state, troupe::zxid as_of);
  void take(const ticket& about, permits_taken permits, troupe::zxid as_of);
  void begin_waiting(call_number number);
  void apply(const lock_state& state, troupe::zxid as_of);
  void turn_of(call_number number, const std::string& path, const holder& as);
  void lose(const std::string& node);
  void explain(const std::string& path, troupe::zxid as_of);
  void settle(const std::string& path, troupe::zxid as_of);
  void look(const std::string& path);
  void break_ring(const std::string& path);

  const mount_rules rules_;
  effects effects_;
  std::map<call_number, call> calls_;
  std::map<std::string, watched> locks_;                  ///< by path
  std::map<std::string, std::string> folders_;            ///< of semaphores: folder to path
  std::map<std::string, std::set<call_number>> by_node_;  ///< waiting calls by path of a node
  std::map<std::uint64_t, ticket> tickets_;
  std::map<std::string, int> expected_;  ///< decisions under way that will tell, by path
  std::uint64_t next_ticket_ = 1;
  wait_graph graph_;
};

}  // namespace locks
