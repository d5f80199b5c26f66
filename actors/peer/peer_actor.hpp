/// The actor of `peer.tcp`: links with the other servers over one listening port.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <kj/async-io.h>

#include <troupe/base/backoff.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/peer/core/starts.hpp"
#include "actors/peer/link_stream.hpp"
#include "actors/peer/peer_metrics.hpp"

namespace troupe::peer {

/// To itself: do now what this turn has collected, so that what all rooms send in one turn of the
/// loop leaves as one write per link, and so that nothing of KJ's is ever destroyed from inside its
/// own callback.
struct turn_due {};
/// To itself: it cannot go on.
struct listening_failed {
  std::string reason;
};

/// Keeps one link per other server and channel. Of two servers the one with the larger id dials.
class peer_actor final : public sdk::pinned_actor, private gate, private stream_owner {
public:
  peer_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);
  /// KJ's objects are gone by then; only their types could throw.
  ~peer_actor() noexcept override {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "peer.tcp"; }

private:
  /// Another server on one channel.
  struct route {
    server_id server;
    peer::channel on = peer::channel::election;
    link_stream* link = nullptr;  ///< that is up
    monotonic_time up_since;
    // Of a server that is dialed from here:
    sdk::address address;
    backoff pause;
    std::uint64_t dial = 0;  ///< the attempt that is being made; 0: none
    bool resolving = false;  ///< its name, in a thread that cannot be stopped
    sdk::timer timer;        ///< of the next attempt, or of the end of this one
    kj::Promise<void> dialing = nullptr;

    explicit route(nanoseconds longest_pause) : pause(longest_pause) {}
  };

  // peer_actor.cpp: life, messages, status
  void start();
  void stop();
  void read_secret();
  void attach(const role::peer::attach& m);
  void send(const role::peer::send& m);
  void read_again(std::uint64_t link);
  void schedule_turn();
  void take_turn();
  [[nodiscard]] bool may_finish() const;
  void start_ticking();
  void tick();
  void report_status(std::uint64_t token);

  // peer_accept.cpp: the listening port
  void listen();
  void listening(kj::Own<kj::ConnectionReceiver> receiver);
  kj::Promise<void> accept_next();
  void accept_failed(const kj::Exception& error);
  void accepted(kj::Own<kj::AsyncIoStream> socket);
  void bound_greetings();

  // peer_dial.cpp: reaching others
  void dial_all(peer::channel on);
  [[nodiscard]] bool may_dial(const route& to) const;
  void dial_later(route& to);
  void dial(route& to);
  kj::Promise<void> connect(route& to, std::uint64_t attempt);
  void dialed(route& to, std::uint64_t attempt, kj::Own<kj::AsyncIoStream> socket);
  void dial_failed(route& to, std::uint64_t attempt, const std::string& why);

  // peer_links.cpp: the links
  void add_stream(kj::Own<kj::AsyncIoStream> socket, side end, hello first, std::uint64_t attempt,
                  std::string address);
  [[nodiscard]] hello own_hello();
  [[nodiscard]] route* find(server_id server, peer::channel on);
  void link_is_up(link_stream& stream);
  void link_has_ended(link_stream& stream);
  void deliver(link_stream& stream);
  void end_link(link_stream& stream, std::string why);
  void log_refusal(const link_stream& stream, const handshake::failure& why);
  [[nodiscard]] std::size_t links_up() const;

  bool is_used(peer::channel on) const override;
  bool is_superseded(server_id server, std::uint64_t instance) const override;
  void changed(link_stream& stream) override;
  void mark(link_stream& stream) override;
  std::span<char> read_buffer() override { return read_buffer_; }
  monotonic_time now() const override { return ports_.clock.now(); }

  sdk::ports& ports_;
  const std::string component_;
  const sdk::address listen_;
  const std::string secret_file_;  ///< empty: none
  const nanoseconds dial_retry_;
  const std::size_t most_untaken_bytes_;
  const role::peer::membership membership_;
  const link_limits limits_;
  identity identity_;
  std::map<server_id, starts> starts_;
  std::map<std::pair<server_id, peer::channel>, route> routes_;
  std::array<role::peer::client, role::peer::channels> clients_;

  bool all_local_ = true;  ///< the other members are on this machine
  bool started_ = false;
  bool stopping_ = false;
  monotonic_time stopped_at_;
  bool turn_scheduled_ = false;
  std::uint16_t port_ = 0;
  std::uint64_t last_number_;  ///< of links and attempts
  link_counters counted_;
  peer_metrics metrics_;
  // What strangers can cause at will is logged with measure, apart from what members cause.
  sdk::log_budget strangers_{1, std::chrono::seconds{10}};
  sdk::log_budget refusals_{5, std::chrono::seconds{10}};
  sdk::log_budget failed_dials_{5, std::chrono::seconds{10}};
  sdk::log_budget failed_accepts_{1, std::chrono::seconds{10}};
  sdk::timer timer_;

  std::vector<char> read_buffer_ = std::vector<char>(128 * 1024);
  std::vector<std::uint64_t> marked_;
  std::map<std::uint64_t, std::unique_ptr<link_stream>> streams_;  ///< by number
  kj::Own<kj::ConnectionReceiver> receiver_;
  kj::Promise<void> listening_ = nullptr;
};

}  // namespace troupe::peer

TROUPE_MESSAGE(troupe::peer::turn_due)
TROUPE_MESSAGE(troupe::peer::listening_failed)
