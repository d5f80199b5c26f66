// How connections come in.
#include <utility>

#include <troupe/sdk/log.hpp>
#include <troupe/sdk/sockets.hpp>

#include "actors/gateway/rpc/gateway_actor.hpp"

namespace troupe::rpc {

namespace log = sdk::log;

namespace {

/// Pause after a failed accept: what was missing does not come back by asking at once.
constexpr auto accept_pause = 100 * kj::MILLISECONDS;
constexpr kj::uint usual_port = 2190;

}  // namespace

void gateway_actor::listen() {
  const auto text = sdk::to_string(address_);
  listening_ = kj::evalNow([&] { return ports_.network.parseAddress(text.c_str(), usual_port); })
                   .then([this](kj::Own<kj::NetworkAddress>&& address) {
                     listening(address->listen());
                     return accept_next();
                   })
                   .eagerlyEvaluate([this, text](kj::Exception&& error) {
                     self<handle<listening_failed>>().send(listening_failed{
                         component_ + " cannot listen on " + text + ": " + sdk::reason_of(error) +
                         ". Free the port, or give " + component_ +
                         " another address with the option `listen`."});
                   });
}

void gateway_actor::listening(kj::Own<kj::ConnectionReceiver> receiver) {
  receiver_ = kj::mv(receiver);
  if (keepalive_) sdk::keep_alive(*receiver_);
  port_ = static_cast<std::uint16_t>(receiver_->getPort());
  log::info("listening", {{"component", component_},
                          {"protocol", "native"},
                          {"address", sdk::to_string({address_.host, port_})},
                          {"port", port_}});
  report_ready();
}

kj::Promise<void> gateway_actor::accept_next() {
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

void gateway_actor::accept_failed(const kj::Exception& error) {
  ++counters_.accepts_failed;
  const auto left_out = accept_failures_.take(ports_.clock.now());
  if (!left_out) return;
  log::error("accept_failed",
             {{"component", component_},
              {"reason", sdk::reason_of(error)},
              {"left_out", *left_out},
              {"do", "clients wait until it works again; if descriptors ran out, raise the limit "
                     "of open files or lower max_connections"}});
}

/// The limit that a connection is over, by name and value; nothing if it is taken.
std::optional<std::string> gateway_actor::refuses(const std::string& address,
                                                  const kj::AsyncIoStream& socket) const {
  if (max_connections_ != 0 && links_.size() >= max_connections_)
    return "max_connections is " + std::to_string(max_connections_);
  const auto held = per_address_.find(address);
  if (max_connections_per_address_ != 0 && held != per_address_.end() &&
      held->second >= max_connections_per_address_) {
    return "max_connections_per_address is " + std::to_string(max_connections_per_address_);
  }
  if (sdk::is_among_last_files(socket, file_limit_)) {
    return "the limit of open files is " + std::to_string(file_limit_) + ", and " +
           std::to_string(sdk::reserved_files(file_limit_)) + " are kept for the log";
  }
  return std::nullopt;
}

void gateway_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  const auto peer = sdk::peer_of(*socket);
  if (!peer) return;
  const auto name = sdk::to_string(sdk::address{peer->address, peer->port});
  if (const auto over = refuses(peer->address, *socket)) {
    ++counters_.refused;
    // A flood of clients is one event.
    if (const auto left_out = refusals_.take(ports_.clock.now())) {
      log::warning("connection_refused", {{"component", component_},
                                          {"peer", name},
                                          {"limit", *over},
                                          {"left_out", *left_out},
                                          {"refused_total", counters_.refused}});
    }
    return;
  }
  const auto number = next_link_++;
  ++per_address_[peer->address];
  links_[number].link = new_link(ports_, kj::mv(socket), {number, name, peer->address}, desk_,
                                 recipes_, limits_, static_cast<link_owner&>(*this));
  link_changed(number);
  start_ticking();
}

/// Tells the ends of floods, of which only the beginnings were logged.
void gateway_actor::tell_left_out() {
  const auto now = ports_.clock.now();
  const auto tell = [&](sdk::log_budget& budget, const char* event) {
    if (const auto left_out = budget.take_left_out(now))
      log::warning(event, {{"component", component_}, {"left_out", *left_out}});
  };
  tell(refusals_, "connection_refused");
  tell(accept_failures_, "accept_failed");
  tell(closings_, "connection_closed");
}

}  // namespace troupe::rpc
