/// An actor of CAF's scheduler that uses the coordinator of an embedded deployment.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <caf/event_based_actor.hpp>
#include <troupe/roles/coordinator.hpp>

/// Opens a session, and turns the coordinator's answers, which are messages, into calls. Everything
/// happens on the actor's own thread of the moment, one after the other.
class coordinated_actor : public caf::event_based_actor {
public:
  using write_done = std::function<void(const troupe::role::coordinator::wrote&)>;
  using read_done = std::function<void(const troupe::read_result&)>;

  coordinated_actor(caf::actor_config& config, troupe::role::coordinator::actor coordinator);

  caf::behavior make_behavior() override;
  void on_exit() override;

protected:
  /// The session is open.
  virtual void begin() = 0;
  virtual void on_event(const troupe::role::coordinator::event& what) = 0;
  /// The session or the coordinator is gone.
  virtual void on_lost() = 0;

  void write(troupe::write_op what, write_done then = {});
  void read(troupe::read_op what, read_done then = {});
  /// A create operation that everybody may see.
  static troupe::create_op node(std::string path, const std::string& data = "",
                                troupe::node_kind kind = troupe::node_kind::persistent,
                                bool sequential = false);

private:
  troupe::role::coordinator::actor coordinator_;
  std::uint64_t client_ = 0;
  std::uint64_t next_token_ = 1;
  troupe::session_id session_;
  std::map<std::uint64_t, write_done> writes_;
  std::map<std::uint64_t, read_done> reads_;
};
