/// The gateway for actors of the same process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/standing_watches.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/coordinator.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

namespace troupe::local {

/// Passes operations of in-process clients to the tree and the broadcast, keeps their sessions
/// alive, and closes the sessions of clients that end, and of all when it stops, because nobody can
/// resume them. Requests that come before the server serves wait; their number is bounded by
/// `max_waiting`, over which they are answered `throttled`, as they are while it stops. When the
/// tree is replaced as a whole, what had no answer gets `operation_timeout`, because nobody knows
/// its outcome, and watches are set anew. Clients may live on any thread; those that outlive the
/// gateway keep nothing of the server in memory but it.
class local_gateway final : public sdk::pinned_actor {
public:
  local_gateway(caf::actor_config& config, sdk::reactor_unit& home,
                sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  /// Holds the clients until they are told of the end: CAF tells nobody whom nobody holds.
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;
  const char* name() const override { return "gateway.local"; }

private:
  struct decided {
    role::coordinator::decider to;
    role::coordinator::transacted what;
  };
  using answer = std::variant<role::coordinator::opened, role::coordinator::wrote,
                              role::coordinator::read_done, role::coordinator::event,
                              role::coordinator::session_ended, decided>;
  struct client {
    role::coordinator::client handle;
    /// What the client is told when a list of children is complete that comes piece by piece: the
    /// first is always the answer with such a list.
    std::deque<answer> later;
    std::set<session_id> sessions;
    std::set<std::string> mounts;  ///< that it guards
    std::uint64_t last_write = 0;  ///< sequence of its newest write that is not answered yet
    standing_watches watches;
    identities watches_as;  ///< who set the newest of them
  };
  enum class kind : std::uint8_t { open, write, transact, read };
  /// A request whose answer has not come.
  struct pending {
    std::uint64_t client = 0;
    std::uint64_t token = 0;
    local_gateway::kind kind = kind::write;
    std::size_t results = 1;        ///< of a write
    std::optional<read_op> watch;   ///< a read that may set or remove watches
    role::coordinator::decider to;  ///< of a decision
  };

  void start();
  void stop();
  void serving_changed(const role::broadcast::serving_changed& message);
  void take_early();
  // replaced_tree.cpp
  /// The tree was replaced; all events up to `seen` have been told.
  void begin_anew(zxid seen);
  void give_up(const pending& request);
  void attach(const role::coordinator::attach& message);
  void open(role::coordinator::open& message);
  /// Keeps a request until this server serves. False if it serves, or if too many wait.
  template <class M>
  bool waits(M& message);
  void write(role::coordinator::write& message);
  void transact(role::coordinator::transact& message);
  void guard_mount(role::coordinator::guard_mount& message);
  void read(role::coordinator::read& message);
  void client_down(const caf::down_msg& message);
  void close_sessions(const client& gone);
  void forget_reads(std::uint64_t client);

  void take_output(role::tree::output& message);
  void take(role::tree::write_reply& reply);
  void take(role::tree::session_reply& reply);
  void take(role::tree::read_reply& reply);
  void take(role::tree::read_piece& piece);
  void take(role::tree::watch_event& event);
  void take(role::tree::session_ended& ended);
  std::optional<pending> answered(std::uint64_t sequence);
  [[nodiscard]] bool all_answered() const;
  static void tell(client& whom, answer what);
  static void hand_over(client& whom, answer& what);

  void keep_alive();
  [[nodiscard]] origin next_origin();
  [[nodiscard]] client* find(std::uint64_t number);
  void report_status(std::uint64_t token);

  role::broadcast::actor broadcast_;
  role::tree::actor tree_;
  role::session::actor sessions_;
  sdk::timers& timers_;
  const nanoseconds touch_interval_;
  const std::size_t max_waiting_;

  role::broadcast::serving_changed serving_;
  /// Requests that came before this server serves, in order.
  std::vector<std::variant<role::coordinator::open, role::coordinator::write,
                           role::coordinator::transact, role::coordinator::read>>
      early_;
  std::map<std::uint64_t, client> clients_;
  std::map<std::uint64_t, pending> pending_;  ///< by sequence
  std::uint64_t next_client_ = 1;
  std::uint64_t next_sequence_;
  zxid told_;  ///< all events up to here have been told, while this server served
  bool stopping_ = false;
  sdk::timer timer_;
};

}  // namespace troupe::local
