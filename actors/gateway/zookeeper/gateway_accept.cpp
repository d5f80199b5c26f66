// How connections come in, and the one thing that the gateway does on another thread.
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

/// Descriptors that connections must leave to logs, peers and the rest of the process.
constexpr std::uint64_t reserved_files = 64;
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

void keep_alive(kj::AsyncIoStream& socket) {
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
            accept_failing_ = false;
            accepted(kj::mv(socket));
            return accept_next();
          },
          [this](kj::Exception&& error) {
            accept_failed(error);
            return ports_.kj_timer.afterDelay(accept_pause).then([this] { return accept_next(); });
          });
}

void gateway_actor::accept_failed(const kj::Exception& error) {
  if (std::exchange(accept_failing_, true)) return;
  log::error("accept_failed",
             {{"component", component_},
              {"reason", reason_of(error)},
              {"do", "clients wait until it works again; if descriptors ran out, raise the limit "
                     "of open files or lower max_connections"}});
}

void gateway_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  const auto peer = peer_of(*socket);
  if (!peer) return;
  const auto name = sdk::to_string(sdk::address{peer->address, peer->port});
  read_clocks();
  if (const auto limit = board_.refuses(peer->address)) return refuse(name, *limit);
  if (file_limit_ != 0 && streams_.size() + reserved_files >= file_limit_) {
    return refuse(name, "the limit of open files is " + std::to_string(file_limit_));
  }
  if (keepalive_) keep_alive(*socket);
  auto& state = board_.accept(name, peer->address);
  streams_.emplace(state.number(), std::make_unique<socket_stream>(
                                       kj::mv(socket), state, static_cast<stream_owner&>(*this)));
  schedule_turn();
  start_ticking();
}

void gateway_actor::refuse(const std::string& peer, const std::string& limit) {
  board_.refused();
  // The protocol has no word for it, so the log must; but a flood of clients is one event.
  if (refused_since_log_++ % 100 != 0) return;
  log::warning("connection_refused", {{"component", component_},
                                      {"peer", peer},
                                      {"limit", limit},
                                      {"refused_total", board_.totals().connections_refused}});
}

void gateway_actor::measure_directory(std::uint64_t token) {
  if (!worker_lane_) {
    worker_lane_ = ports_.workers.new_lane("zookeeper_gateway", sdk::priority::low);
  }
  auto bytes = std::make_shared<std::uint64_t>(0);
  ports_.workers.run(
      *worker_lane_, [&disk = ports_.disk, bytes] { *bytes = bytes_below(disk, ""); },
      [alive = alive_, token, bytes] {
        auto* const self = *alive;
        if (!self) return;
        self->read_clocks();
        self->board_.on_size(token, *bytes);
        self->schedule_turn();
      });
}

}  // namespace troupe::zk
