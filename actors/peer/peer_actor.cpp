#include "actors/peer/peer_actor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/peer/settings.hpp"

namespace troupe::peer {

namespace log = sdk::log;

namespace {

constexpr std::uint64_t most_secret_bytes = 4096;
/// How long a stop waits for names that are being resolved.
constexpr std::chrono::milliseconds longest_farewell{500};

identity identity_of(const sdk::component_context& context) {
  identity own;
  own.self = context.deployment.server;
  for (const auto& [id, where] : context.options.addresses("members"))
    own.members.insert({static_cast<std::uint32_t>(id)});
  if (context.options.has("secret")) own.secret = context.options.text("secret");
  own.instance = context.ports.entropy.number();
  return own;
}

link_limits limits_of(const sdk::option_values& options) {
  return {options.bytes("max_frame_bytes"),
          options.bytes("max_unsent_bytes"),
          {options.duration("keep_alive"), options.duration("silence")}};
}

std::vector<std::pair<server_id, std::string>> addresses_of(const sdk::option_values& options) {
  std::vector<std::pair<server_id, std::string>> all;
  for (const auto& [id, where] : options.addresses("members"))
    all.emplace_back(server_id{static_cast<std::uint32_t>(id)}, sdk::to_string(where));
  return all;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string text_or_empty(const sdk::option_values& options, const char* name) {
  return options.has(name) ? options.text(name) : std::string{};
}

}  // namespace

peer_actor::peer_actor(caf::actor_config& config, sdk::reactor_unit& home,
                       sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor), ports_(context.ports),
      component_(context.name), listen_(listen_address(context.options, context.deployment.server)),
      secret_file_(text_or_empty(context.options, "secret_file")),
      dial_retry_(context.options.duration("dial_retry")),
      most_untaken_bytes_(context.options.bytes("max_untaken_bytes")),
      membership_{context.deployment.server, voters_of(context.options),
                  observers_of(context.options), addresses_of(context.options)},
      limits_(limits_of(context.options)), identity_(identity_of(context)),
      // Links are slower than one a nanosecond, so a component that is made anew in the same
      // process never gives a number that its predecessor gave.
      last_number_(static_cast<std::uint64_t>(ports_.clock.now().since_start.count()) + 1),
      metrics_(context.metrics) {
  for (const auto& [id, where] : context.options.addresses("members")) {
    const server_id server{static_cast<std::uint32_t>(id)};
    if (server == identity_.self) continue;
    for (const auto on : {channel::election, channel::broadcast}) {
      auto& made = routes_.emplace(std::pair{server, on}, dial_retry_).first->second;
      made.server = server;
      made.on = on;
      made.address = where;
    }
    all_local_ = all_local_ && is_loopback(where.host);
  }
}

caf::behavior peer_actor::make_behavior() {
  return handlers<role::component::actor, role::peer::actor>(
      [this](const turn_due&) { take_turn(); }, [this](const role::peer::send& m) { send(m); },
      [this](const peer::read_again& m) { read_again(m.link); },
      [this](const role::peer::attach& m) { attach(m); },
      [this](const listening_failed& m) { fail(m.reason); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void peer_actor::on_exit() {
  timer_.reset();
  listening_ = nullptr;
  routes_.clear();
  streams_.clear();
  receiver_ = nullptr;
  clients_ = {};
}

// ---------------------------------------------------------------- life

void peer_actor::start() {
  started_ = true;
  if (!secret_file_.empty()) read_secret();
  if (stopping_) return;
  if (identity_.secret.empty() && !all_local_) {
    log::warning("peers_without_secret",
                 {{"component", component_},
                  {"do", "give all members the same option secret or secret_file, unless nobody "
                         "else can reach their ports"}});
  }
  listen();
  start_ticking();
  for (const auto on : {channel::election, channel::broadcast})
    dial_all(on);
}

void peer_actor::read_secret() {
  const auto give_up = [&](const std::string& why) {
    stopping_ = true;
    fail(component_ + " cannot read its secret from " + ports_.disk.full_path(secret_file_) + ": " +
         why + ". Make the file, or change the option `secret_file`.");
  };
  auto opened = ports_.disk.open(secret_file_, sdk::disk::mode::read);
  if (!opened) return give_up(opened.error().message);
  const auto size = (*opened)->size();
  if (!size) return give_up(size.error().message);
  if (*size > most_secret_bytes) return give_up("it is longer than 4096 bytes");
  std::vector<std::byte> bytes(*size);
  const auto got = (*opened)->read_at(0, bytes);
  if (!got) return give_up(got.error().message);
  auto& secret = identity_.secret;
  secret.assign(reinterpret_cast<const char*>(bytes.data()), *got);
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r'))
    secret.pop_back();
  if (secret.empty()) give_up("it is empty");
}

void peer_actor::stop() {
  if (std::exchange(stopping_, true)) return;
  stopped_at_ = now();
  listening_ = nullptr;
  receiver_ = nullptr;
  for (auto& [key, one] : routes_) {
    one.timer.reset();
    if (!one.resolving) one.dialing = nullptr;
  }
  for (const auto& [number, stream] : streams_)
    end_link(*stream, "this server stops");
  schedule_turn();
}

bool peer_actor::may_finish() const {
  if (!stopping_ || !streams_.empty()) return false;
  // Whoever resolves a name complains when there is nobody left to be told.
  const bool resolving = std::any_of(routes_.begin(), routes_.end(),
                                     [](const auto& one) { return one.second.resolving; });
  return !resolving || now() - stopped_at_ >= longest_farewell;
}

// ---------------------------------------------------------------- messages

void peer_actor::attach(const role::peer::attach& m) {
  if (stopping_) return;
  for (const auto& [number, stream] : streams_) {
    if (stream->state().on() == m.channel) end_link(*stream, "another client uses the channel");
  }
  auto& client = clients_[static_cast<std::size_t>(m.channel)];
  client = m.client;
  client.send(membership_);
  dial_all(m.channel);
}

void peer_actor::send(const role::peer::send& m) {
  auto* const to = find(m.to, m.channel);
  if (!to || !to->link || to->link->state().number() != m.link) return;
  auto& stream = *to->link;
  stream.state().send(m.messages, now());
  changed(stream);
}

void peer_actor::read_again(std::uint64_t link) {
  const auto found = streams_.find(link);
  if (found != streams_.end()) mark(*found->second);
}

void peer_actor::schedule_turn() {
  if (!std::exchange(turn_scheduled_, true)) self<handle<turn_due>>().send(turn_due{});
}

void peer_actor::take_turn() {
  turn_scheduled_ = false;
  for (const auto number : std::exchange(marked_, {})) {
    const auto found = streams_.find(number);
    if (found == streams_.end()) continue;
    auto& stream = *found->second;
    stream.marked = false;
    stream.advance();
    changed(stream);
    if (!stream.done()) continue;
    streams_.erase(number);
  }
  if (may_finish()) finish();
}

void peer_actor::start_ticking() {
  timer_ = ports_.timers.after(limits_.periods.keep_alive / 2, [this] { tick(); });
}

void peer_actor::tick() {
  timer_.reset();
  for (const auto& [number, stream] : streams_)
    stream->tick(now());
  if (stopping_) schedule_turn();
  start_ticking();
}

// ---------------------------------------------------------------- status

std::size_t peer_actor::links_up() const {
  return static_cast<std::size_t>(std::count_if(
      routes_.begin(), routes_.end(), [](const auto& one) { return one.second.link != nullptr; }));
}

void peer_actor::report_status(std::uint64_t token) {
  std::size_t unsent = 0, untaken = 0;
  for (const auto& [number, stream] : streams_) {
    unsent += stream->state().output().size();
    untaken += stream->intake().untaken();
  }
  metrics_.publish(counted_, links_up(), unsent, untaken);
  std::string links;
  for (const auto& [key, one] : routes_) {
    if (!one.link) continue;
    links += (links.empty() ? "" : ", ") + std::to_string(one.server.value) +
             (one.on == channel::election ? " election" : " broadcast");
  }
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"listen", sdk::to_string(listen_)},
       {"port", std::to_string(port_)},
       {"members", std::to_string(identity_.members.size())},
       {"voters", std::to_string(membership_.voters.voters().size())},
       {"authenticated", identity_.secret.empty() ? "false" : "true"},
       {"links_up", std::to_string(links_up())},
       {"links", links},
       {"links_lost", std::to_string(counted_.links_lost)},
       {"messages_received", std::to_string(counted_.messages_in)},
       {"messages_sent", std::to_string(counted_.messages_out)},
       {"bytes_received", std::to_string(counted_.bytes_in)},
       {"bytes_sent", std::to_string(counted_.bytes_out)},
       {"unsent_bytes", std::to_string(unsent)},
       {"untaken_bytes", std::to_string(untaken)},
       {"refusals", std::to_string(counted_.refusals)},
       {"dials_failed", std::to_string(counted_.dials_failed)},
       {"accepts_failed", std::to_string(counted_.accepts_failed)}}});
}

}  // namespace troupe::peer
