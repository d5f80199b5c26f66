// How connections come in, and the one thing that the gateway does on another thread.
#include <algorithm>
#include <array>
#include <chrono>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <troupe/sdk/log.hpp>

#include "actors/gateway/zookeeper/gateway_actor.hpp"

namespace troupe::zk {

namespace log = sdk::log;

namespace {

/// Descriptors that clients must leave to log, snapshots, peers and the rest of the process.
std::uint64_t reserved_files(std::uint64_t limit) {
  constexpr std::uint64_t enough = 64;
  return std::min(enough, limit / 4);
}
/// Pause after a failed accept: what was missing does not come back by asking at once.
constexpr auto accept_pause = 100 * kj::MILLISECONDS;

struct peer_name {
  std::string address;
  std::uint16_t port = 0;
};

std::string text_of(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, bytes, text.data(), text.size());
  return text.data();
}

peer_name name_of(const sockaddr_storage& raw) {
  if (raw.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    return {text_of(AF_INET, &v4.sin_addr), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return {text_of(AF_INET, &v6.sin6_addr.s6_addr[12]), ntohs(v6.sin6_port)};
  }
  return {text_of(AF_INET6, &v6.sin6_addr), ntohs(v6.sin6_port)};
}

/// Who is at the other end; nothing if it is gone already. A network without addresses, such as the
/// simulated one, is the machine itself. An error of a real socket is never taken for that, because
/// the address is an identity.
std::optional<peer_name> peer_of(kj::AsyncIoStream& socket) {
  sockaddr_storage raw{};
  kj::uint length = sizeof raw;
  const auto failure = kj::runCatchingExceptions(
      [&] { socket.getpeername(reinterpret_cast<sockaddr*>(&raw), &length); });
  KJ_IF_MAYBE (error, failure) {
    if (error->getType() == kj::Exception::Type::UNIMPLEMENTED) return peer_name{"127.0.0.1", 0};
    return std::nullopt;
  }
  if (raw.ss_family == AF_INET || raw.ss_family == AF_INET6) return name_of(raw);
  return peer_name{"127.0.0.1", 0};
}

/// For what this socket accepts: connections inherit it.
void keep_alive(kj::ConnectionReceiver& socket) {
  const int on = 1;
  const auto failure = kj::runCatchingExceptions(
      [&] { socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); });
  if (failure != nullptr) log::debug("keepalive_not_set");
}

/// What the system said, out of KJ's longer text "call: reason; parameters".
std::string reason_of(const kj::Exception& error) {
  std::string text = error.getDescription().cStr();
  text = text.substr(0, text.find(';'));
  if (text.ends_with('.')) text.pop_back();
  const auto colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

/// Bytes of all files below a directory. Files that vanish meanwhile count as nothing.
std::uint64_t bytes_below(sdk::disk& disk, const std::string& directory) {
  auto names = disk.list(directory);
  if (!names.ok()) return 0;
  std::uint64_t total = 0;
  for (const auto& name : *names) {
    const auto path = directory.empty() ? name : directory + "/" + name;
    if (disk.list(path).ok()) {
      total += bytes_below(disk, path);
    } else if (auto opened = disk.open(path, sdk::disk::mode::read); opened.ok()) {
      if (auto size = (*opened)->size(); size.ok()) total += *size;
    }
  }
  return total;
}

}  // namespace

void gateway_actor::listen() {
  const auto text = sdk::to_string(address_);
  listening_ = kj::evalNow([&] { return ports_.network.parseAddress(text.c_str(), 2181); })
                   .then([this](kj::Own<kj::NetworkAddress>&& address) {
                     listening(address->listen());
                     return accept_next();
                   })
                   .eagerlyEvaluate([this, text](kj::Exception&& error) {
                     self<handle<listening_failed>>().send(listening_failed{
                         component_ + " cannot listen on " + text + ": " + reason_of(error) +
                         ". Free the port, or give " + component_ +
                         " another address with the option `listen`."});
                   });
}

void gateway_actor::listening(kj::Own<kj::ConnectionReceiver> receiver) {
  receiver_ = kj::mv(receiver);
  if (keepalive_) keep_alive(*receiver_);
  port_ = static_cast<std::uint16_t>(receiver_->getPort());
  log::info("listening", {{"component", component_},
                          {"protocol", "zookeeper"},
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
  board_.accept_failed();
  const auto left_out = accept_failures_.take(ports_.clock.now());
  if (!left_out) return;
  log::error("accept_failed",
             {{"component", component_},
              {"reason", reason_of(error)},
              {"left_out", *left_out},
              {"do", "clients wait until it works again; if descriptors ran out, raise the limit "
                     "of open files or lower max_connections"}});
}

void gateway_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  const auto peer = peer_of(*socket);
  if (!peer) return;
  const auto name = sdk::to_string(sdk::address{peer->address, peer->port});
  read_clocks();
  if (const auto over = board_.refuses(peer->address)) return refuse(name, *over);
  if (is_among_last_files(*socket)) {
    return refuse(name,
                  {refusal::limit_of::files,
                   "the limit of open files is " + std::to_string(file_limit_) + ", and " +
                       std::to_string(reserved_files(file_limit_)) + " are kept for the log"});
  }
  auto& state = board_.accept(name, peer->address);
  auto stream = std::make_unique<socket_stream>(ports_, kj::mv(socket), state,
                                                static_cast<stream_owner&>(*this));
  state.stream = stream.get();
  streams_.emplace(state.number(), std::move(stream));
  schedule_turn();
  start_ticking();
}

/// The system gives the lowest free number, so a high one says how many files the whole process has
/// open: also those of other gateways and of plugins, which nobody here counts.
bool gateway_actor::is_among_last_files(const kj::AsyncIoStream& socket) const {
  if (file_limit_ == 0) return false;
  KJ_IF_MAYBE (descriptor, socket.getFd()) {
    return static_cast<std::uint64_t>(*descriptor) + reserved_files(file_limit_) >= file_limit_;
  }
  return false;
}

void gateway_actor::refuse(const std::string& peer, const refusal& over) {
  board_.refused();
  // The protocol has no word for it, so the log must; but a flood of clients is one event.
  auto& budget = refusals_[static_cast<std::size_t>(over.of)];
  const auto left_out = budget.take(ports_.clock.now());
  if (!left_out) return;
  log::warning("connection_refused", {{"component", component_},
                                      {"peer", peer},
                                      {"limit", over.limit},
                                      {"left_out", *left_out},
                                      {"refused_total", board_.totals().connections_refused}});
}

/// Tells the ends of floods, of which only the beginnings were logged.
void gateway_actor::tell_left_out() {
  const auto now = ports_.clock.now();
  const auto tell = [&](sdk::log_budget& budget, const char* event) {
    if (const auto left_out = budget.take_left_out(now)) {
      log::warning(event, {{"component", component_}, {"left_out", *left_out}});
    }
  };
  for (auto& budget : refusals_)
    tell(budget, "connection_refused");
  tell(accept_failures_, "accept_failed");
  tell(closings_, "connection_closed");
}

/// One scan at a time: who asks meanwhile gets the answer of the one that runs.
void gateway_actor::measure_directory(std::uint64_t token) {
  measuring_.push_back(token);
  if (measuring_.size() > 1) return;
  if (!worker_lane_) {
    worker_lane_ = ports_.workers.new_lane("zookeeper_gateway", sdk::priority::low);
  }
  auto bytes = std::make_shared<std::uint64_t>(0);
  ports_.workers.run(
      *worker_lane_, [&disk = ports_.disk, bytes] { *bytes = bytes_below(disk, ""); },
      [alive = alive_, bytes] {
        auto* const self = *alive;
        if (!self) return;
        self->read_clocks();
        for (const auto asked : std::exchange(self->measuring_, {}))
          self->board_.on_size(asked, *bytes);
        self->schedule_turn();
      });
}

}  // namespace troupe::zk
