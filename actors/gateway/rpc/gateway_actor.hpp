/// The actor of `gateway.rpc`: sockets on one side, the other rooms on the other.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <kj/async-io.h>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/gateway/rpc/desk.hpp"
#include "actors/gateway/rpc/gateway_metrics.hpp"
#include "actors/gateway/rpc/link.hpp"
#include "actors/gateway/rpc/recipe_desk.hpp"

namespace troupe::rpc {

/// To itself: do now what this turn has collected. A message of its own, so that what all sockets
/// and rooms bring in one turn of the loop leaves as one message to each room and one write to each
/// socket, and so that nothing of KJ's is ever destroyed from inside its own callback.
struct turn_due {};
/// To itself: the gateway cannot go on.
struct listening_failed {
  std::string reason;
};

/// Serves the native protocol on one address.
class gateway_actor final : public sdk::pinned_actor, private link_owner {
public:
  gateway_actor(caf::actor_config& config, sdk::reactor_unit& home,
                sdk::component_context& context);
  /// KJ's objects are gone by then; only their types could throw.
  ~gateway_actor() noexcept override {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "gateway.rpc"; }

private:
  struct connection {
    std::unique_ptr<rpc::link> link;
    std::size_t counted = 0;  ///< bytes that it held when they were counted
  };

  void start();
  void stop();
  void serving_changed(const role::broadcast::serving_changed& message);

  // gateway_accept.cpp
  void listen();
  void listening(kj::Own<kj::ConnectionReceiver> receiver);
  kj::Promise<void> accept_next();
  void accept_failed(const kj::Exception& error);
  void accepted(kj::Own<kj::AsyncIoStream> socket);
  [[nodiscard]] std::optional<std::string> refuses(const std::string& address,
                                                   const kj::AsyncIoStream& socket) const;
  void tell_left_out();

  void link_changed(std::uint64_t number) override;
  void received(std::uint64_t bytes) override { counters_.bytes_received += bytes; }
  std::span<char> read_buffer() override { return read_buffer_; }
  [[nodiscard]] bool under_pressure() const noexcept override {
    return counters_.held_bytes > limits_.held_bytes / 2;
  }

  void schedule_turn();
  void take_turn();
  void tell_others();
  void advance(std::uint64_t number);
  void remove(std::uint64_t number);
  void end_largest();
  void log_closing(const link& one);
  void start_ticking();
  void tick();
  void report_status(std::uint64_t token);

  /// Hands a message from another room to the desk.
  template <class M>
  void take(M& message) {
    desk_.at(ports_.clock.now());
    desk_.on(message);
  }

  const role::broadcast::actor broadcast_;
  const role::tree::actor tree_;
  const role::session::actor sessions_;
  sdk::ports& ports_;
  const sdk::address address_;
  const bool keepalive_;
  const std::string component_;
  const std::uint64_t file_limit_;
  const std::size_t max_connections_;
  const std::size_t max_connections_per_address_;
  const link_limits limits_;

  desk desk_;
  std::shared_ptr<recipe_desk> recipes_ =
      std::make_shared<recipe_desk>([this] { return self<role::recipe::caller>(); });
  gateway_metrics metrics_;
  connection_counters counters_;
  std::uint64_t next_link_ = 1;
  bool stopping_ = false;
  monotonic_time stopped_at_;
  bool turn_scheduled_ = false;
  std::uint16_t port_ = 0;
  // What strangers can cause at will is logged with measure.
  sdk::log_budget refusals_{1, std::chrono::seconds{10}};
  sdk::log_budget accept_failures_{1, std::chrono::seconds{10}};
  sdk::log_budget closings_{20, std::chrono::seconds{1}};
  sdk::timer timer_;

  std::vector<char> read_buffer_ = std::vector<char>(64 * 1024);
  std::vector<std::uint64_t> changed_;  ///< connections with something to do
  kj::Own<kj::ConnectionReceiver> receiver_;
  absl::flat_hash_map<std::string, std::size_t> per_address_;
  absl::btree_map<std::uint64_t, connection> links_;
  kj::Promise<void> listening_ = nullptr;
};

}  // namespace troupe::rpc

TROUPE_MESSAGE(troupe::rpc::turn_due)
TROUPE_MESSAGE(troupe::rpc::listening_failed)
