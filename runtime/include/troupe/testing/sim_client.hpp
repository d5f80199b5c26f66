/// A client inside a simulated server, for tests of components and plugins.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_type.hpp>

namespace troupe::testing {

/// Uses the coordinator of its server (`gateway.local`), and is as close to it as a recipe is. It
/// outlives the server's process: after a start it is there again, without a session. Its calls run
/// the world until the answer is there; the `begin_` ones do not, and tell `then` when somebody
/// runs it. An answer is nothing if there will be none: the process ended first, and nobody knows
/// whether a write was done. Single-threaded, as the world is.
class sim_client {
public:
  /// How the world goes on until something holds, or for too long; returns whether it holds.
  using runner = std::function<bool(const std::function<bool()>&)>;

  explicit sim_client(runner run);
  ~sim_client();
  sim_client(const sim_client&) = delete;
  sim_client& operator=(const sim_client&) = delete;

  /// The type of its actor, for the catalog of the deployment that it is to be in. It needs a
  /// coordinator and a broadcast.
  [[nodiscard]] sdk::component_type type(std::string name = "testing.client");

  /// Its server has a process, and that serves.
  [[nodiscard]] bool connected() const;
  /// Its server leads, or is alone.
  [[nodiscard]] bool leads() const;

  /// Opens a session, which ends with the client's process or when this says so. False if there is
  /// none for a minute.
  bool open(milliseconds timeout = milliseconds{10'000});
  /// Zero if there is none, or no more.
  [[nodiscard]] session_id session() const;
  bool close();

  using write_answer = std::optional<std::vector<write_result>>;
  using read_answer = std::optional<read_result>;
  /// With its session, or without one as the server itself.
  write_answer write(write_op op);
  read_answer read(read_op op);
  void begin_write(write_op op, std::function<void(const write_answer&)> then);
  void begin_read(read_op op, std::function<void(const read_answer&)> then);

  // What tests do most. `operation_timeout` stands for no answer; new nodes are open to all.
  error_code create(const std::string& path, std::string_view data = {},
                    node_kind kind = node_kind::persistent);
  error_code set(const std::string& path, std::string_view data);
  error_code remove(const std::string& path);
  /// The node's data; nothing if it is not there, or nobody answered.
  std::optional<std::string> get(const std::string& path);
  /// Sorted; empty also if there is no node.
  std::vector<std::string> children(const std::string& path);

  /// Watches that fired, in order, since the last call.
  [[nodiscard]] std::vector<role::coordinator::event> take_events();

private:
  class user;
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace troupe::testing
