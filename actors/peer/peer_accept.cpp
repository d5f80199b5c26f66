// The listening port of `peer.tcp`.
#include <array>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <troupe/sdk/log.hpp>

#include "actors/peer/peer_actor.hpp"

namespace troupe::peer {

namespace log = sdk::log;

namespace {

/// Connections of which nobody knows yet whose they are; beyond, the oldest gives way.
constexpr std::size_t most_greetings = 256;
/// Pause after a failed accept: what was missing does not come back by asking at once.
constexpr auto accept_pause = 100 * kj::MILLISECONDS;

/// Who is at the other end, for people; empty where connections have no addresses.
std::string address_of(kj::AsyncIoStream& socket) {
  sockaddr_storage raw{};
  kj::uint length = sizeof raw;
  const auto failure = kj::runCatchingExceptions(
      [&] { socket.getpeername(reinterpret_cast<sockaddr*>(&raw), &length); });
  if (failure != nullptr) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (raw.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return sdk::to_string({text.data(), ntohs(v4.sin_port)});
  }
  if (raw.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
  inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return sdk::to_string({text.data(), ntohs(v6.sin6_port)});
}

}  // namespace

void peer_actor::listen() {
  const auto text = sdk::to_string(listen_);
  listening_ = kj::evalNow([&] { return ports_.network.parseAddress(text.c_str()); })
                   .then([this](kj::Own<kj::NetworkAddress>&& address) {
                     listening(address->listen());
                     return accept_next();
                   })
                   .eagerlyEvaluate([this, text](kj::Exception&& error) {
                     self<handle<listening_failed>>().send(listening_failed{
                         component_ + " cannot listen on " + text + ": " +
                         error.getDescription().cStr() + ". Free the port, or give " + component_ +
                         " another address with the option `listen`."});
                   });
}

void peer_actor::listening(kj::Own<kj::ConnectionReceiver> receiver) {
  receiver_ = kj::mv(receiver);
  port_ = static_cast<std::uint16_t>(receiver_->getPort());
  log::info("listening", {{"component", component_},
                          {"protocol", "peer"},
                          {"address", sdk::to_string({listen_.host, port_})},
                          {"port", port_}});
  report_ready();
}

kj::Promise<void> peer_actor::accept_next() {
  return kj::evalNow([this] { return receiver_->accept(); })
      .then(
          [this](kj::Own<kj::AsyncIoStream>&& socket) {
            accepted(kj::mv(socket));
            return accept_next();
          },
          [this](kj::Exception&& error) {
            accept_failed(error);
            return ports_.kj_timer.afterDelay(accept_pause).then([this] { return accept_next(); });
          });
}

void peer_actor::accept_failed(const kj::Exception& error) {
  ++counted_.accepts_failed;
  const auto left_out = failed_accepts_.take(now());
  if (!left_out) return;
  log::error("accept_failed",
             {{"component", component_},
              {"reason", error.getDescription().cStr()},
              {"left_out", *left_out},
              {"do", "the other servers try again; if descriptors ran out, raise the limit of open "
                     "files or lower the number of clients"}});
}

void peer_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  auto address = address_of(*socket);
  add_stream(kj::mv(socket), side::accepted, own_hello(), 0, std::move(address));
  bound_greetings();
}

void peer_actor::bound_greetings() {
  link_stream* oldest = nullptr;
  std::size_t greeting = 0;
  for (const auto& [number, stream] : streams_) {
    const auto& state = stream->state();
    if (state.end() != side::accepted || state.where() == connection::phase::up) continue;
    ++greeting;
    if (!oldest) oldest = stream.get();
  }
  if (greeting <= most_greetings) return;
  oldest->state().broken("too many connections greet at once");
  changed(*oldest);
}

}  // namespace troupe::peer
