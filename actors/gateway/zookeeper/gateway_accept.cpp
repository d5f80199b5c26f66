// How connections come in, and the one thing that the gateway does on another thread.
#include <algorithm>
#include <chrono>

#include <troupe/sdk/log.hpp>
#include <troupe/sdk/sockets.hpp>

#include "actors/gateway/zookeeper/gateway_actor.hpp"

namespace troupe::zk {

namespace log = sdk::log;

namespace {

/// Pause after a failed accept: what was missing does not come back by asking at once.
constexpr auto accept_pause = 100 * kj::MILLISECONDS;

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
              {"reason", sdk::reason_of(error)},
              {"left_out", *left_out},
              {"do", "clients wait until it works again; if descriptors ran out, raise the limit "
                     "of open files or lower max_connections"}});
}

void gateway_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  const auto peer = sdk::peer_of(*socket);
  if (!peer) return;
  const auto name = sdk::to_string(sdk::address{peer->address, peer->port});
  read_clocks();
  if (const auto over = board_.refuses(peer->address)) return refuse(name, *over);
  if (sdk::is_among_last_files(*socket, file_limit_)) {
    return refuse(name,
                  {refusal::limit_of::files,
                   "the limit of open files is " + std::to_string(file_limit_) + ", and " +
                       std::to_string(sdk::reserved_files(file_limit_)) + " are kept for the log"});
  }
  auto& state = board_.accept(name, peer->address);
  auto stream = std::make_unique<socket_stream>(ports_, kj::mv(socket), state,
                                                static_cast<stream_owner&>(*this));
  state.stream = stream.get();
  streams_.emplace(state.number(), std::move(stream));
  schedule_turn();
  start_ticking();
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
