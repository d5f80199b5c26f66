/// The actor of `gateway.zookeeper`: sockets on one side, the other rooms on the other.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/container/btree_map.h>
#include <kj/async-io.h>

#include <troupe/roles/admin.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/gateway/zookeeper/gateway_metrics.hpp"
#include "actors/gateway/zookeeper/socket_stream.hpp"
#include "actors/gateway/zookeeper/switchboard.hpp"

namespace troupe::zk {

/// To itself: do now what this turn has collected. A message of its own, so that what all sockets
/// and rooms bring in one turn of the loop leaves as one message to each room and one write to each
/// socket, and so that nothing of KJ's is ever destroyed from inside its own callback.
struct turn_due {};
/// To itself: the gateway cannot go on.
struct listening_failed {
  std::string reason;
};

/// Serves ZooKeeper's protocol on one address.
class gateway_actor final : public sdk::pinned_actor, private stream_owner {
public:
  gateway_actor(caf::actor_config& config, sdk::reactor_unit& home,
                sdk::component_context& context);
  /// KJ's objects are gone by then; only their types could throw.
  ~gateway_actor() noexcept override {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "gateway.zookeeper"; }

private:
  gateway_settings settings_of(sdk::component_context& context);
  [[nodiscard]] named_values configuration() const;

  void start();
  void stop();
  void listen();
  void listening(kj::Own<kj::ConnectionReceiver> receiver);
  kj::Promise<void> accept_next();
  void accept_failed(const kj::Exception& error);
  void accepted(kj::Own<kj::AsyncIoStream> socket);
  void refuse(const std::string& peer, const refusal& over);
  void tell_left_out();

  void bytes_arrived(connection& on, std::string_view bytes) override;
  void input_ended(connection& on) override;
  void connection_broken(connection& on, std::string_view why) override;
  void stream_changed(connection& on) override;
  std::span<char> read_buffer() override { return read_buffer_; }

  void read_clocks();
  void schedule_turn();
  void take_turn();
  void tell_others();
  void advance(connection& one);
  void log_closing(const connection& one);
  void measure_directory(std::uint64_t token);
  void start_ticking();
  void tick();
  void report_status(std::uint64_t token);

  /// Hands a message from another room to the switchboard.
  template <class M>
  void take(M& message) {
    read_clocks();
    board_.on(message);
    schedule_turn();
  }

  const role::broadcast::actor broadcast_;
  const role::tree::actor tree_;
  const role::session::actor sessions_;
  sdk::ports& ports_;
  const sdk::address address_;
  const bool keepalive_;
  const std::string component_;
  const std::string data_dir_;
  const std::uint32_t server_;
  const std::uint64_t file_limit_;

  switchboard board_;
  gateway_metrics metrics_;
  bool stopping_ = false;
  monotonic_time stopped_at_;
  bool turn_scheduled_ = false;
  std::uint16_t port_ = 0;
  // What strangers can cause at will is logged with measure. Refusals: by limit.
  static constexpr sdk::log_budget one_in_ten_seconds{1, std::chrono::seconds{10}};
  std::array<sdk::log_budget, 3> refusals_{one_in_ten_seconds, one_in_ten_seconds,
                                           one_in_ten_seconds};
  sdk::log_budget accept_failures_ = one_in_ten_seconds;
  sdk::log_budget closings_{20, std::chrono::seconds{1}};
  std::vector<std::uint64_t> measuring_;  ///< questions that wait for the scan of the directory
  std::optional<std::uint32_t> worker_lane_;
  sdk::timer timer_;
  /// Gone when the actor is: for work on other threads that comes back late.
  std::shared_ptr<gateway_actor*> alive_ = std::make_shared<gateway_actor*>(this);

  std::vector<char> read_buffer_ = std::vector<char>(64 * 1024);
  kj::Own<kj::ConnectionReceiver> receiver_;
  absl::btree_map<std::uint64_t, std::unique_ptr<socket_stream>> streams_;
  kj::Promise<void> listening_ = nullptr;
};

}  // namespace troupe::zk

TROUPE_MESSAGE(troupe::zk::turn_due)
TROUPE_MESSAGE(troupe::zk::listening_failed)
