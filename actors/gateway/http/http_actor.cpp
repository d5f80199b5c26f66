#include "actors/gateway/http/http_actor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/sdk/log.hpp>

namespace troupe::http {

namespace log = sdk::log;
using namespace std::chrono_literals;

namespace {

/// Pause after a failed accept: what was missing does not come back by asking at once.
constexpr auto accept_pause = 100 * kj::MILLISECONDS;
/// How long a stop waits for answers that are being sent.
constexpr auto drain_time = 1s;
constexpr kj::uint default_port = 2180;

/// What the system said, out of KJ's longer text "call: reason; parameters".
std::string reason_of(const kj::Exception& error) {
  std::string text = error.getDescription().cStr();
  text = text.substr(0, text.find(';'));
  if (text.ends_with('.')) text.pop_back();
  const auto colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

}  // namespace

http_actor::http_actor(caf::actor_config& config, sdk::reactor_unit& home,
                       sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      broadcast_(context.wire<role::broadcast::actor>("broadcast")),
      admin_(context.wire<role::admin::actor>("admin")), overview_(context.overview),
      ports_(context.ports), component_(context.name), address_(context.options.address("listen")),
      most_clients_(static_cast<std::size_t>(context.options.integer("max_connections"))),
      request_timeout_(context.options.duration("request_timeout")),
      idle_timeout_(context.options.duration("idle_timeout")),
      most_entries_(static_cast<std::size_t>(context.options.integer("max_list_entries"))),
      allow_(header_builder_.add("Allow")), header_table_(header_builder_.build()),
      metrics_(context.metrics) {
  health_.has_broadcast = static_cast<bool>(broadcast_);
  connections_ = metrics_->gauge("troupe_http_connections", "Open connections of HTTP clients.");
  closed_for_room_ =
      metrics_->counter("troupe_http_connections_closed_for_room_total",
                        "HTTP connections closed or refused because of max_connections.");
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    answers_[i] = metrics_->counter("troupe_http_requests_total",
                                    "Answered requests, by class of status; none: the client left.",
                                    {{"status", i == 0 ? "none" : std::to_string(i) + "xx"}});
  }
}

caf::behavior http_actor::make_behavior() {
  return handlers<role::component::actor, role::broadcast::listener, role::overview::asker,
                  role::admin::asker>(
      [this](role::overview::report& m) { overview(m); },
      [this](role::admin::answer& m) { command_done(m); },
      [this](const role::broadcast::serving_changed& m) { health_.serving = m; },
      [this](const client_gone& m) {
        clients_.erase(m.number);
        finish_if_silent();
      },
      [this](const listening_failed& m) { fail(m.reason); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void http_actor::on_exit() {
  stop_timer_.reset();
  listening_ = nullptr;
  receiver_ = nullptr;
  clients_.clear();
  server_ = nullptr;
  questions_.clear();
  commands_.clear();
}

// ---------------------------------------------------------------- life

/// Not in the constructor, which runs on the supervisor's reactor: KJ's server belongs to the event
/// loop of the thread that makes it.
void http_actor::make_server() {
  kj::HttpServerSettings settings;
  settings.headerTimeout = request_timeout_.count() * kj::NANOSECONDS;
  settings.pipelineTimeout = idle_timeout_.count() * kj::NANOSECONDS;
  settings.errorHandler = static_cast<kj::HttpServerErrorHandler&>(*this);
  settings.callbacks = static_cast<kj::HttpServerCallbacks&>(*this);
  server_ = kj::heap<kj::HttpServer>(
      ports_.kj_timer, *header_table_,
      [this](kj::AsyncIoStream&) {
        return kj::Own<kj::HttpService>{accepting_, kj::NullDisposer::instance};
      },
      settings);
}

void http_actor::start() {
  make_server();
  if (broadcast_) {
    broadcast_.send(role::broadcast::attach{self<role::broadcast::listener>()});
  }
  listen();
}

void http_actor::stop() {
  if (std::exchange(stopping_, true)) return;
  health_.stopping = true;
  listening_ = nullptr;
  receiver_ = nullptr;
  std::erase_if(clients_, [](const auto& one) { return !one.second->busy(); });
  stop_timer_ = ports_.timers.after(drain_time, [this] { finish(); });
  finish_if_silent();
}

void http_actor::finish_if_silent() {
  if (stopping_ && clients_.empty()) finish();
}

void http_actor::listen() {
  const auto text = sdk::to_string(address_);
  listening_ =
      kj::evalNow([&] { return ports_.network.parseAddress(text.c_str(), default_port); })
          .then([this](kj::Own<kj::NetworkAddress>&& address) {
            receiver_ = address->listen();
            port_ = static_cast<std::uint16_t>(receiver_->getPort());
            log::info("listening", {{"component", component_},
                                    {"protocol", "http"},
                                    {"address", "http://" + sdk::to_string({address_.host, port_})},
                                    {"port", port_}});
            report_ready();
            return accept_next();
          })
          .eagerlyEvaluate([this, text](kj::Exception&& error) {
            self<handle<listening_failed>>().send(listening_failed{
                component_ + " cannot listen on " + text + ": " + reason_of(error) +
                ". The server goes on without it, and it is tried again. Free the port, or give " +
                component_ + " another address with the option `listen`."});
          });
}

kj::Promise<void> http_actor::accept_next() {
  return kj::evalNow([this] { return receiver_->accept(); })
      .then(
          [this](kj::Own<kj::AsyncIoStream>&& socket) {
            accepted(kj::mv(socket));
            return accept_next();
          },
          [this](kj::Exception&& error) {
            log::warning("accept_failed",
                         {{"component", component_}, {"reason", reason_of(error)}});
            return ports_.kj_timer.afterDelay(accept_pause).then([this] { return accept_next(); });
          });
}

/// Whether there is room for one more connection. A client that dawdles over its request loses its
/// place to the next that comes, so nobody can keep others out by being slow.
bool http_actor::make_room() {
  if (clients_.size() < most_clients_) return true;
  closed_for_room_.add();
  auto longest = clients_.end();
  for (auto one = clients_.begin(); one != clients_.end(); ++one) {
    if (one->second->busy()) continue;
    const bool longer =
        longest == clients_.end() || one->second->silent_since() < longest->second->silent_since();
    if (longer) longest = one;
  }
  if (longest == clients_.end()) return false;
  clients_.erase(longest);
  return true;
}

void http_actor::accepted(kj::Own<kj::AsyncIoStream> socket) {
  if (!make_room()) return;
  const auto number = next_number_++;
  auto& made =
      *clients_
           .emplace(number, std::make_unique<http_client>(number, static_cast<client_owner&>(*this),
                                                          request_timeout_))
           .first->second;
  accepting_ = &made;
  const auto gone = [this, number] { self<handle<client_gone>>().send(client_gone{number}); };
  made.serve(server_->listenHttp(ending_stream(kj::mv(socket), made))
                 .then([gone] { gone(); }, [gone](kj::Exception&&) { gone(); })
                 .eagerlyEvaluate(nullptr));
  accepting_ = nullptr;
}

void http_actor::answered(http_client& by, unsigned status) {
  answers_[std::min<std::size_t>(status / 100, answers_.size() - 1)].add();
  if (stopping_) self<handle<client_gone>>().send(client_gone{by.number()});
}

void http_actor::report_status(std::uint64_t token) {
  connections_.set(static_cast<std::uint64_t>(clients_.size()));
  supervisor_.send(
      role::component::status_report{token,
                                     number_,
                                     {{"listen", sdk::to_string(address_)},
                                      {"port", std::to_string(port_)},
                                      {"connections", std::to_string(clients_.size())}}});
}

}  // namespace troupe::http
