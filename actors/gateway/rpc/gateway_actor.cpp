#include "actors/gateway/rpc/gateway_actor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/sdk/log.hpp>
#include <troupe/sdk/sockets.hpp>

namespace troupe::rpc {

namespace log = sdk::log;
using namespace std::chrono_literals;

namespace {

/// How long a stop waits for the answers to calls that were taken, and for clients to take them.
/// Less than the supervisor waits for this component.
constexpr auto drain_time = 5s;

link_limits limits_of(const sdk::option_values& options) {
  link_limits limits;
  limits.message_bytes = options.bytes("max_message_bytes");
  limits.batch_operations = static_cast<std::uint32_t>(options.integer("max_batch_operations"));
  limits.data_bytes = options.bytes("max_data_bytes");
  limits.reply_bytes = options.bytes("max_reply_bytes");
  limits.sessions = static_cast<std::uint32_t>(options.integer("max_sessions_per_connection"));
  limits.open_calls = static_cast<std::size_t>(options.integer("max_open_calls"));
  limits.outstanding_operations =
      static_cast<std::size_t>(options.integer("max_outstanding_operations"));
  limits.outstanding_bytes = options.bytes("max_outstanding_bytes");
  limits.unsent_bytes = options.bytes("max_unsent_bytes");
  limits.unsent_event_bytes = options.bytes("max_unsent_event_bytes");
  limits.held_bytes = options.bytes("max_held_bytes");
  limits.handshake_timeout = options.duration("handshake_timeout");
  if (options.has("super_digest")) limits.super_digest = options.text("super_digest");
  return limits;
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
      file_limit_(sdk::file_limit()),
      max_connections_(static_cast<std::size_t>(context.options.integer("max_connections"))),
      max_connections_per_address_(
          static_cast<std::size_t>(context.options.integer("max_connections_per_address"))),
      limits_(limits_of(context.options)),
      // Requests are slower than one a nanosecond, so a restarted gateway, which has the same lane,
      // never takes an outcome of its predecessor for one of its own.
      desk_({context.number, limits_.reply_bytes},
            static_cast<std::uint64_t>(ports_.clock.now().since_start.count()) + 1,
            [this] { schedule_turn(); }),
      metrics_(context.metrics) {}

caf::behavior gateway_actor::make_behavior() {
  return handlers<role::component::actor, role::tree::lane, role::session::lane,
                  role::broadcast::listener, role::recipe::host, role::recipe::caller>(
      [this](role::tree::output& m) { take(m); }, [this](const turn_due&) { take_turn(); },
      [this](const role::session::resumed& m) { take(m); },
      [this](const role::session::moved& m) { take(m); },
      [this](const role::broadcast::serving_changed& m) { serving_changed(m); },
      [](const role::tree::inspection&) { /* never asked for */ },
      [](const role::session::inspection&) { /* never asked for */ },
      [this](const role::recipe::mounted& m) { recipes_->on(m); },
      [this](role::recipe::answered& m) { recipes_->on(m); },
      [this](const listening_failed& m) { fail(m.reason); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void gateway_actor::on_exit() {
  timer_.reset();
  listening_ = nullptr;
  links_.clear();
  recipes_->close();
  receiver_ = nullptr;
}

// ---------------------------------------------------------------------- life

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
  for (const auto& [number, one] : links_)
    one.link->drain();
  schedule_turn();
}

void gateway_actor::serving_changed(const role::broadcast::serving_changed& message) {
  take(message);
  for (const auto& [number, one] : links_) {
    // Outcomes may never come, and watches are gone. Clients begin anew, with the same sessions.
    if (message.serving && message.replaced)
      one.link->end("the tree of this server was replaced as a whole", false);
    link_changed(number);  // its calls waited
  }
}

void gateway_actor::link_changed(std::uint64_t number) {
  changed_.push_back(number);
  schedule_turn();
}

void gateway_actor::schedule_turn() {
  if (std::exchange(turn_scheduled_, true)) return;
  self<handle<turn_due>>().send(turn_due{});
}

void gateway_actor::take_turn() {
  turn_scheduled_ = false;
  desk_.at(ports_.clock.now());
  tell_others();
  auto changed = std::exchange(changed_, {});
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const auto number : changed)
    advance(number);
  if (counters_.held_bytes > limits_.held_bytes) end_largest();
  if (desk_.has_turn()) tell_others();
  if (stopping_ && links_.empty()) finish();
}

void gateway_actor::tell_others() {
  auto turn = desk_.take_turn();
  // Reads first: a write that comes after them in a session must not be applied before them.
  if (!turn.reads.requests.empty()) tree_.send(std::move(turn.reads));
  for (auto& one : turn.identities)
    tree_.send(std::move(one));
  if (!turn.gone.watchers.empty()) tree_.send(std::move(turn.gone));
  if (!turn.writes.requests.empty() || turn.readers_wait) broadcast_.send(std::move(turn.writes));
  if (!turn.opens.sessions.empty()) sessions_.send(std::move(turn.opens));
  for (auto& one : turn.resumes)
    sessions_.send(std::move(one));
  if (!turn.touches.sessions.empty()) sessions_.send(std::move(turn.touches));
}

void gateway_actor::advance(std::uint64_t number) {
  const auto found = links_.find(number);
  if (found == links_.end()) return;
  auto& [one, counted] = found->second;
  one->advance();
  if (one->done()) return remove(number);
  counters_.held_bytes += one->held() - counted;
  counted = one->held();
}

void gateway_actor::remove(std::uint64_t number) {
  const auto found = links_.find(number);
  const auto gone = std::move(found->second);
  links_.erase(found);
  counters_.held_bytes -= gone.counted;
  log_closing(*gone.link);
  if (gone.link->warns()) ++counters_.ended_for_cause;
  const auto held = per_address_.find(gone.link->address());
  if (--held->second == 0) per_address_.erase(held);
}

void gateway_actor::end_largest() {
  const auto largest =
      std::max_element(links_.begin(), links_.end(), [](const auto& a, const auto& b) {
        return a.second.counted < b.second.counted;
      });
  if (largest == links_.end()) return;
  largest->second.link->end(
      "it holds " + std::to_string(largest->second.counted) +
          " bytes, more than any other, and all together hold more than max_held_bytes (" +
          std::to_string(limits_.held_bytes) + ")",
      true);
}

void gateway_actor::log_closing(const link& one) {
  const auto left_out = one.warns() ? closings_.take(ports_.clock.now()) : std::nullopt;
  const auto level = left_out ? log::level::warning : log::level::debug;
  if (!log::writes(level)) return;
  log::write(level, "connection_closed",
             {{"component", component_},
              {"peer", one.peer()},
              {"reason", one.why()},
              {"left_out", left_out.value_or(0)}});
}

void gateway_actor::start_ticking() {
  if (timer_ || links_.empty()) return;
  timer_ = ports_.timers.after(500ms, [this] { tick(); });
}

void gateway_actor::tick() {
  timer_.reset();
  const auto now = ports_.clock.now();
  tell_left_out();
  const bool late = stopping_ && now - stopped_at_ > drain_time;
  std::vector<std::uint64_t> given_up;
  for (const auto& [number, one] : links_) {
    one.link->tick(now);
    if (late) given_up.push_back(number);
  }
  for (const auto number : given_up)
    remove(number);
  schedule_turn();
  start_ticking();
}

void gateway_actor::report_status(std::uint64_t token) {
  const auto& desk = desk_.totals();
  counters_.connections = links_.size();
  metrics_.publish(counters_, desk, desk_.sessions());
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"listen", sdk::to_string(address_)},
       {"port", std::to_string(port_)},
       {"serving", desk_.serving() ? "true" : "false"},
       {"connections", std::to_string(links_.size())},
       {"sessions", std::to_string(desk_.sessions())},
       {"outstanding_operations", std::to_string(desk.outstanding)},
       {"held_bytes", std::to_string(counters_.held_bytes)},
       {"batches", std::to_string(desk.batches)},
       {"reads", std::to_string(desk.reads)},
       {"writes", std::to_string(desk.writes)},
       {"events", std::to_string(desk.events)},
       {"bytes_received", std::to_string(counters_.bytes_received)},
       {"connections_refused", std::to_string(counters_.refused)},
       {"accepts_failed", std::to_string(counters_.accepts_failed)},
       {"ended_for_cause", std::to_string(counters_.ended_for_cause)}}});
}

}  // namespace troupe::rpc
