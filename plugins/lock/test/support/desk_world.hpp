/// A desk with a leader, callers, clients of another make, and everything that can happen to them,
/// in an order that a seed chooses.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/prng.hpp>

#include "core/desk.hpp"
#include "small_tree.hpp"

namespace locks::test {

/// Decisions are made at once, as the leader does; the desk hears of them, and of all changes,
/// later, in their order. What it has not heard of may be lost with the leader.
class desk_world {
public:
  struct options {
    dialect how = dialect::curator;
    std::vector<claim_kind> kinds{claim_kind::mutex};
    bool semaphores = false;
    bool several = false;  ///< calls for two locks at once
    int callers = 5;
  };

  desk_world(std::uint64_t seed, options what);

  /// One thing happens.
  void step();
  /// Nothing goes wrong any more: everybody who waits gets its turn, and gives everything back.
  /// False if somebody waits for ever, or if something stays behind.
  bool come_to_rest();

  [[nodiscard]] const std::string& violation() const noexcept { return violation_; }
  struct counts {
    int granted = 0, refused = 0, deadlocks = 0, expired = 0, leaders = 0, waited = 0, fenced = 0;
  };
  [[nodiscard]] const counts& happened() const noexcept { return counts_; }

private:
  struct held {
    std::string path;
    troupe::zxid token;
    std::string node;
    bool permits = false;
    bool exclusive = false;
  };
  struct wish {
    std::variant<acquire_ask, permits_ask> ask;
    call_number call = 0;
    bool ends = false;  ///< it was told to end
  };
  struct caller {
    party who;
    std::map<std::uint64_t, wish> wishes;  ///< by request id
    std::vector<held> has;
  };
  struct event {
    std::string path;
    bool deleted = false;
  };
  struct reply {
    std::uint64_t ticket = 0;
    desk_outcome outcome;
  };
  /// A caller that gives something back, until it is told so.
  struct giving {
    troupe::session_id session;
    held what;
  };
  struct told {
    std::uint64_t giving = 0;
    answer_or_refusal<release_done> outcome;
  };
  struct item {
    troupe::zxid at;
    std::variant<event, reply, told> what;
    small_tree::state after;
  };

  template <class F>
  auto transact(F f);
  void carry_out();
  void hear_one();
  void wish_something(caller& who);
  void send(wish& one);
  void end_something(caller& who);
  void give_back(caller& who, std::size_t which);
  void send(std::uint64_t number, const giving& one);
  void write_something();
  void other_client();
  void expire(caller& who);
  void change_leader();
  void answered(const desk::answer& answer);
  void take(caller& who, const desk::outcome& result);
  void complain(const std::string& what);
  caller* find(call_number call, std::uint64_t& request);

  options options_;
  mount_rules rules_;
  troupe::prng random_;
  small_tree tree_;
  std::optional<desk> desk_;
  std::vector<caller> callers_;
  std::vector<held> zombies_;  ///< what callers believe to hold whose session has expired
  std::map<std::uint64_t, giving> givings_;
  std::uint64_t next_giving_ = 1;
  std::set<std::string> others_;  ///< nodes of the other make
  troupe::session_id other_session_;
  std::deque<item> stream_;
  std::map<std::string, troupe::zxid> stores_;  ///< the newest token that each store has seen
  call_number next_call_ = 1;
  std::uint64_t next_request_ = 1;
  counts counts_;
  std::string violation_;
  bool resting_ = false;
};

}  // namespace locks::test
