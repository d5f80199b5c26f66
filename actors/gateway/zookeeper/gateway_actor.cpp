#include "actors/gateway/zookeeper/gateway_actor.hpp"

#include <chrono>
#include <utility>

#include <troupe/sdk/log.hpp>
#include <troupe/sdk/sockets.hpp>

#include "actors/gateway/zookeeper/machine_facts.hpp"

namespace troupe::zk {

namespace log = sdk::log;
using namespace std::chrono_literals;

namespace {

/// How long a stop waits for the answers to requests that were accepted. Less than the supervisor
/// waits for this component: where answers do not come, somebody else is stuck, not the gateway.
constexpr auto drain_time = 5s;
/// And how long for clients to take the last ones.
constexpr auto farewell_time = 7s;

/// ZooKeeper's version that clients may rely on, our own, and the date that several readers of the
/// text commands insist on. It is a constant, because equal sources shall give equal programs.
std::string full_version(const std::string& own) {
  return "3.9.4-troupe-" + own + ", built on 01/01/2026 00:00 GMT";
}

}  // namespace

gateway_actor::gateway_actor(caf::actor_config& config, sdk::reactor_unit& home,
                             sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      broadcast_(context.wire<role::broadcast::actor>("broadcast")),
      tree_(context.wire<role::tree::actor>("tree")),
      sessions_(context.wire<role::session::actor>("session")), ports_(context.ports),
      address_(context.options.address("listen")),
      keepalive_(context.options.boolean("tcp_keepalive")), component_(context.name),
      data_dir_(context.deployment.data_dir), server_(context.deployment.server.value),
      file_limit_(sdk::file_limit()),
      // Requests are slower than one a nanosecond, so a restarted gateway, which has the same lane,
      // never takes an outcome of its predecessor for one of its own.
      board_(settings_of(context),
             static_cast<std::uint64_t>(ports_.clock.now().since_start.count()) + 1,
             ports_.clock.now(), ports_.clock.wall()),
      metrics_(context.metrics) {}

gateway_settings gateway_actor::settings_of(sdk::component_context& context) {
  const auto& options = context.options;
  gateway_settings settings;
  settings.lane = context.number;
  settings.limits.packet_bytes = options.bytes("max_packet_bytes");
  settings.limits.outstanding_requests =
      static_cast<std::size_t>(options.integer("max_outstanding_requests"));
  settings.limits.outstanding_bytes = options.bytes("max_outstanding_bytes");
  settings.limits.unsent_bytes = options.bytes("max_unsent_bytes");
  settings.limits.unsent_event_bytes = options.bytes("max_unsent_event_bytes");
  settings.limits.held_bytes = options.bytes("max_held_bytes");
  settings.limits.handshake_timeout = options.duration("handshake_timeout");
  if (options.has("super_digest")) settings.limits.super_digest = options.text("super_digest");
  settings.max_connections = static_cast<std::size_t>(options.integer("max_connections"));
  settings.max_connections_per_address =
      static_cast<std::size_t>(options.integer("max_connections_per_address"));
  settings.four_letter_words = options.list("four_letter_words");
  settings.version = full_version(context.deployment.version);
  settings.environment = [version = settings.version] { return environment_of_process(version); };
  settings.configuration = [this, most = options.integer("max_connections_per_address")] {
    auto values = configuration();
    values.emplace_back("maxClientCnxns", std::to_string(most));
    return values;
  };
  settings.open_and_most_files = open_and_most_files;
  return settings;
}

named_values gateway_actor::configuration() const {
  return {{"clientPort", std::to_string(port_)},
          {"secureClientPort", "-1"},
          {"dataDir", data_dir_},
          {"dataDirSize", "0"},
          {"dataLogDir", data_dir_},
          {"dataLogSize", "0"},
          {"tickTime", "0"},
          {"minSessionTimeout", "0"},
          {"maxSessionTimeout", "0"},
          {"clientPortListenBacklog", "-1"},
          {"serverId", std::to_string(server_)}};
}

caf::behavior gateway_actor::make_behavior() {
  return handlers<role::component::actor, role::tree::lane, role::session::lane,
                  role::broadcast::listener, role::broadcast::asker, role::admin::actor>(
      [this](const turn_due&) { take_turn(); }, [this](role::tree::output& m) { take(m); },
      [this](role::session::resumed& m) { take(m); }, [this](role::session::moved& m) { take(m); },
      [this](role::broadcast::serving_changed& m) { take(m); },
      [this](role::tree::inspection& m) { take(m); },
      [this](role::session::inspection& m) { take(m); },
      [this](role::broadcast::inspection& m) { take(m); },
      [this](role::admin::command& m) { take(m); },
      [this](const listening_failed& m) { fail(m.reason); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void gateway_actor::on_exit() {
  *alive_ = nullptr;
  timer_.reset();
  listening_ = nullptr;
  streams_.clear();
  receiver_ = nullptr;
}

// ---------------------------------------------------------------- life

void gateway_actor::start() {
  tree_.send(role::tree::attach_lane{number_, self<role::tree::lane>()});
  sessions_.send(role::session::attach_lane{number_, self<role::session::lane>()});
  broadcast_.send(role::broadcast::attach{self<role::broadcast::listener>()});
  listen();
}

void gateway_actor::stop() {
  if (std::exchange(stopping_, true)) return;
  stopped_at_ = ports_.clock.now();
  listening_ = nullptr;
  receiver_ = nullptr;
  read_clocks();
  board_.drain();
  schedule_turn();
}

void gateway_actor::read_clocks() { board_.at(ports_.clock.now(), ports_.clock.wall()); }

void gateway_actor::schedule_turn() {
  if (std::exchange(turn_scheduled_, true)) return;
  self<handle<turn_due>>().send(turn_due{});
}

void gateway_actor::take_turn() {
  turn_scheduled_ = false;
  read_clocks();
  tell_others();
  for (auto* one : board_.take_marked()) {
    one->marked = false;
    board_.resume_input(*one);
    advance(*one);
  }
  if (board_.has_turn()) tell_others();
  if (board_.has_marked()) schedule_turn();
  if (stopping_ && streams_.empty()) finish();
}

void gateway_actor::tell_others() {
  auto turn = board_.take_turn();
  // Reads first: a write that comes after them in a connection must not be applied before them.
  if (!turn.reads.requests.empty()) tree_.send(std::move(turn.reads));
  for (auto& one : turn.identities)
    tree_.send(std::move(one));
  if (!turn.gone.watchers.empty()) tree_.send(std::move(turn.gone));
  if (!turn.writes.requests.empty() || turn.readers_wait) broadcast_.send(std::move(turn.writes));
  if (!turn.opens.sessions.empty()) sessions_.send(std::move(turn.opens));
  for (auto& one : turn.resumes)
    sessions_.send(std::move(one));
  if (!turn.touches.sessions.empty()) sessions_.send(std::move(turn.touches));
  for (auto& one : turn.tree_questions)
    tree_.send(one);
  for (auto& one : turn.session_questions)
    sessions_.send(one);
  for (const auto token : turn.ensemble_questions)
    broadcast_.send(role::broadcast::inspect{self<role::broadcast::asker>(), token});
  for (const auto token : turn.size_questions)
    measure_directory(token);
  for (auto& [to, what] : turn.admin_answers)
    to.send(std::move(what));
}

void gateway_actor::advance(connection& one) {
  board_.count_held(one);
  one.stream->advance();
  if (!one.stream->done()) return;
  log_closing(one);
  streams_.erase(one.number());
  board_.remove(one);
}

void gateway_actor::log_closing(const connection& one) {
  const auto left_out = one.warns() ? closings_.take(ports_.clock.now()) : std::nullopt;
  const auto level = left_out ? log::level::warning : log::level::debug;
  if (!log::writes(level)) return;  // each session has its end
  log::write(level, "connection_closed",
             {{"component", component_},
              {"peer", one.peer()},
              {"session", hex(one.session().value)},
              {"reason", one.why()},
              {"left_out", left_out.value_or(0)}});
}

// ---------------------------------------------------------------- events of sockets

void gateway_actor::bytes_arrived(connection& on, std::string_view bytes) {
  if (!turn_scheduled_) read_clocks();  // one reading will do for all that arrives together
  board_.receive(on, bytes);
  schedule_turn();
}

void gateway_actor::input_ended(connection& on) {
  board_.input_ended(on);
  schedule_turn();
}

void gateway_actor::connection_broken(connection& on, std::string_view why) {
  board_.broken(on, why);
  schedule_turn();
}

void gateway_actor::stream_changed(connection& on) {
  board_.mark(on);
  schedule_turn();
}

void gateway_actor::start_ticking() {
  if (timer_ || streams_.empty()) return;
  timer_ = ports_.timers.after(500ms, [this] { tick(); });
}

void gateway_actor::tick() {
  timer_.reset();
  read_clocks();
  board_.tick();
  tell_left_out();
  const auto stopped_for = ports_.clock.now() - stopped_at_;
  if (stopping_ && stopped_for > drain_time) board_.give_up(stopped_for > farewell_time);
  for (const auto& [number, stream] : streams_)
    stream->tick();
  schedule_turn();
  start_ticking();
}

// ---------------------------------------------------------------- status

void gateway_actor::report_status(std::uint64_t token) {
  const auto& totals = board_.totals();
  metrics_.publish(totals, board_.size());
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"listen", sdk::to_string(address_)},
       {"port", std::to_string(port_)},
       {"serving", board_.serving() ? "true" : "false"},
       {"connections", std::to_string(board_.size())},
       {"outstanding_requests", std::to_string(totals.outstanding)},
       {"held_bytes", std::to_string(totals.held_bytes)},
       {"packets_received", std::to_string(totals.all.packets_received)},
       {"packets_sent", std::to_string(totals.all.packets_sent)},
       {"bytes_received", std::to_string(totals.bytes_received)},
       {"connections_refused", std::to_string(totals.connections_refused)},
       {"accepts_failed", std::to_string(totals.accepts_failed)},
       {"closed_for_memory", std::to_string(totals.closed_for_memory)},
       {"auth_failures", std::to_string(totals.auth_failures)}}});
}

}  // namespace troupe::zk
