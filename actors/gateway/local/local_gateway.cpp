#include "actors/gateway/local/local_gateway.hpp"

#include <algorithm>
#include <utility>

#include <caf/system_messages.hpp>

namespace troupe::local {

namespace coordinator = role::coordinator;

namespace {

/// The first part of a result of which names are still to come, if any.
read_result* unfinished_part(read_result& result) {
  if (result.names_to_come > 0) return &result;
  for (auto& one : result.items)
    if (one.names_to_come > 0) return &one;
  return nullptr;
}

/// Whether the read may set or remove a watch.
bool concerns_watches(const read_op& op) {
  return std::visit(
      [](const auto& one) {
        using asked = std::decay_t<decltype(one)>;
        if constexpr (requires { one.watch; })
          return one.watch;
        else
          return std::is_same_v<asked, add_watch_op> || std::is_same_v<asked, remove_watches_op>;
      },
      op);
}

}  // namespace

local_gateway::local_gateway(caf::actor_config& config, sdk::reactor_unit& home,
                             sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      broadcast_(context.wire<role::broadcast::actor>("broadcast")),
      tree_(context.wire<role::tree::actor>("tree")),
      sessions_(context.wire<role::session::actor>("session")), timers_(context.ports.timers),
      touch_interval_(context.options.duration("touch_interval")),
      max_waiting_(static_cast<std::size_t>(context.options.integer("max_waiting"))),
      // Requests are slower than one a nanosecond, so a restarted gateway, which has the same lane,
      // never takes an outcome of its predecessor for one of its own.
      next_sequence_(static_cast<std::uint64_t>(context.ports.clock.now().since_start.count()) +
                     1) {}

caf::behavior local_gateway::make_behavior() {
  set_down_handler([this](const caf::down_msg& m) { client_down(m); });
  return handlers<role::component::actor, coordinator::actor, role::tree::lane, role::session::lane,
                  role::broadcast::listener>(
      [this](coordinator::write& m) { write(m); }, [this](coordinator::read& m) { read(m); },
      [this](coordinator::transact& m) { transact(m); },
      [this](coordinator::guard_mount& m) { guard_mount(m); },
      [this](role::tree::output& m) { take_output(m); },
      [this](const coordinator::attach& m) { attach(m); },
      [this](coordinator::open& m) { open(m); },
      [this](const role::broadcast::serving_changed& m) { serving_changed(m); },
      [](const role::tree::inspection&) { /* never asked for */ },
      [](const role::session::resumed&) { /* never asked for */ },
      [](const role::session::moved&) { /* sessions here are not resumed elsewhere */ },
      [](const role::session::inspection&) { /* never asked for */ },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void local_gateway::on_exit() {
  timer_.reset();
  early_.clear();
  pending_.clear();  // it may hold clients
  // A client may hold a handle to this actor for as long as it likes.
  broadcast_.reset();
  tree_.reset();
  sessions_.reset();
}

bool local_gateway::cleanup(caf::error&& reason, caf::execution_unit* host) {
  const auto told = std::exchange(clients_, {});
  return sdk::pinned_actor::cleanup(std::move(reason), host);
}

void local_gateway::start() {
  tree_.send(role::tree::attach_lane{number_, self<role::tree::lane>()});
  sessions_.send(role::session::attach_lane{number_, self<role::session::lane>()});
  broadcast_.send(role::broadcast::attach{self<role::broadcast::listener>()});
  keep_alive();
  report_ready();
}

void local_gateway::stop() {
  stopping_ = true;
  timer_.reset();
  take_early();
  for (auto& [number, one] : clients_) {
    if (!one.sessions.empty()) close_sessions(one);
  }
  if (all_answered()) finish();
}

bool local_gateway::all_answered() const {
  return pending_.empty() && std::all_of(clients_.begin(), clients_.end(),
                                         [](const auto& one) { return one.second.later.empty(); });
}

void local_gateway::serving_changed(const role::broadcast::serving_changed& message) {
  serving_ = message;
  if (!serving_.serving) return;
  if (serving_.replaced) begin_anew(told_);
  told_ = serving_.applied;
  take_early();
}

void local_gateway::take_early() {
  for (auto& one : std::exchange(early_, {})) {
    std::visit(
        [this](auto& request) {
          using request_type = std::decay_t<decltype(request)>;
          if constexpr (std::is_same_v<request_type, coordinator::open>) {
            open(request);
          } else if constexpr (std::is_same_v<request_type, coordinator::write>) {
            write(request);
          } else if constexpr (std::is_same_v<request_type, coordinator::transact>) {
            transact(request);
          } else {
            read(request);
          }
        },
        one);
  }
}

// ------------------------------------------------------------- from clients

void local_gateway::attach(const coordinator::attach& message) {
  const auto number = next_client_++;
  clients_[number].handle = message.client;
  monitor(caf::actor_cast<caf::actor>(message.client.pointer()));
  message.client.send(coordinator::attached{number});
}

origin local_gateway::next_origin() {
  return {serving_.server, serving_.start, number_, next_sequence_++};
}

local_gateway::client* local_gateway::find(std::uint64_t number) {
  const auto found = clients_.find(number);
  return found == clients_.end() ? nullptr : &found->second;
}

template <class M>
bool local_gateway::waits(M& message) {
  // Before that an outcome would find no way back, because the origin is not known, and a read
  // would see a tree that is being recovered.
  if (serving_.serving || stopping_ || early_.size() >= max_waiting_) return false;
  early_.emplace_back(std::move(message));
  return true;
}

void local_gateway::open(coordinator::open& message) {
  auto* asking = find(message.client);
  if (!asking || waits(message)) return;
  if (stopping_ || !serving_.serving) {
    asking->handle.send(coordinator::opened{message.token, error_code::throttled, {}, {}});
    return;
  }
  const auto from = next_origin();
  pending_[from.sequence] = {message.client, message.token, kind::open, 1, {}, {}};
  sessions_.send(role::session::open{{{from, message.timeout}}});
}

void local_gateway::write(coordinator::write& message) {
  auto* asking = find(message.client);
  if (!asking || waits(message)) return;
  if (stopping_ || !serving_.serving || pending_.size() >= max_waiting_) {
    asking->handle.send(coordinator::wrote{
        message.token, serving_.applied, {write_result{error_code::throttled, {}, {}}}});
    return;
  }
  const auto from = next_origin();
  pending_[from.sequence] = {
      message.client, message.token, kind::write, results_of(message.op), {}, {}};
  asking->last_write = from.sequence;
  role::broadcast::submit submit;
  submit.requests.push_back(
      {from, message.session, std::move(message.who), message.request_id, std::move(message.op)});
  broadcast_.send(std::move(submit));
}

void local_gateway::transact(coordinator::transact& message) {
  auto* asking = find(message.client);
  if (!asking || waits(message)) return;
  if (stopping_ || !serving_.serving || pending_.size() >= max_waiting_ || !message.decision) {
    const auto error = message.decision ? error_code::throttled : error_code::bad_arguments;
    message.to.send(coordinator::transacted{message.token, serving_.applied, error, {}});
    return;
  }
  const auto from = next_origin();
  pending_[from.sequence] = {message.client,       message.token, kind::transact, 1, {},
                             std::move(message.to)};
  asking->last_write = from.sequence;
  role::broadcast::submit submit;
  submit.requests.push_back({from, message.session, {}, 0, decide_op{std::move(message.decision)}});
  broadcast_.send(std::move(submit));
}

void local_gateway::guard_mount(coordinator::guard_mount& message) {
  auto* const asking = find(message.client);
  if (!asking) return;
  if (message.guard)
    asking->mounts.insert(message.mount);
  else
    asking->mounts.erase(message.mount);
  tree_.send(role::tree::guard_mount{std::move(message.mount), std::move(message.guard)});
}

void local_gateway::read(coordinator::read& message) {
  auto* asking = find(message.client);
  if (!asking || waits(message)) return;
  if (stopping_ || !serving_.serving || pending_.size() >= max_waiting_) {
    read_result refused;
    refused.error = error_code::throttled;
    asking->handle.send(
        coordinator::read_done{message.token, serving_.applied, std::move(refused)});
    return;
  }
  const auto sequence = next_sequence_++;
  auto& waiting = pending_[sequence] = {message.client, message.token, kind::read, 0, {}, {}};
  if (concerns_watches(message.op)) {
    waiting.watch = message.op;
    asking->watches_as = message.who;
  }
  role::tree::read request{number_, {}};
  request.requests.push_back({sequence, asking->last_write, message.client, message.session,
                              std::move(message.who), std::move(message.op)});
  tree_.send(std::move(request));
}

void local_gateway::client_down(const caf::down_msg& message) {
  for (auto& [number, one] : clients_) {
    if (one.handle.pointer()->address() != message.source) continue;
    tree_.send(role::tree::watchers_gone{{{number_, number}}});
    for (const auto& mount : one.mounts)
      tree_.send(role::tree::guard_mount{mount, nullptr});
    forget_reads(number);
    close_sessions(one);
    clients_.erase(number);
    if (stopping_ && all_answered()) finish();
    return;
  }
}

/// The tree drops those that are parked with the watches of their client, and answers nobody.
void local_gateway::forget_reads(std::uint64_t number) {
  std::erase_if(pending_, [number](const auto& entry) {
    return entry.second.kind == kind::read && entry.second.client == number;
  });
}

void local_gateway::close_sessions(const client& gone) {
  role::broadcast::submit submit;
  for (const auto session : gone.sessions) {
    // Nobody is told the outcome, but a stop waits for it.
    const auto from = next_origin();
    pending_[from.sequence] = {0, 0, kind::write, 1, {}, {}};
    submit.requests.push_back({from, session, {}, 0, close_session_op{close_cause::client}});
  }
  if (!submit.requests.empty()) broadcast_.send(std::move(submit));
}

// ------------------------------------------------------------ from the tree

void local_gateway::take_output(role::tree::output& message) {
  serving_.applied = message.applied;
  if (serving_.serving) told_ = message.applied;
  for (auto& item : message.items) {
    std::visit([this](auto& one) { take(one); }, item);
  }
  if (stopping_ && all_answered()) finish();
}

std::optional<local_gateway::pending> local_gateway::answered(std::uint64_t sequence) {
  const auto found = pending_.find(sequence);
  if (found == pending_.end()) return std::nullopt;
  const auto request = found->second;
  pending_.erase(found);
  return request;
}

void local_gateway::tell(client& whom, answer what) {
  if (!whom.later.empty())
    whom.later.push_back(std::move(what));
  else
    hand_over(whom, what);
}

void local_gateway::hand_over(client& whom, answer& what) {
  std::visit(
      [&](auto& one) {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, decided>)
          one.to.send(std::move(one.what));
        else
          whom.handle.send(std::move(one));
      },
      what);
}

void local_gateway::take(role::tree::write_reply& reply) {
  const auto request = answered(reply.sequence);
  auto* asking = request ? find(request->client) : nullptr;
  if (!asking) return;
  if (asking->last_write == reply.sequence) asking->last_write = 0;
  if (request->kind == kind::transact) {
    const auto error = reply.results.empty() ? error_code::ok : reply.results.front().error;
    return tell(*asking,
                decided{request->to, {request->token, reply.zxid, error, std::move(reply.reply)}});
  }
  tell(*asking, coordinator::wrote{request->token, reply.zxid, std::move(reply.results)});
}

void local_gateway::take(role::tree::session_reply& reply) {
  const auto request = answered(reply.sequence);
  auto* asking = request ? find(request->client) : nullptr;
  if (asking) {
    if (reply.error == error_code::ok) asking->sessions.insert(reply.session);
    tell(*asking, coordinator::opened{request->token, reply.error, reply.session, reply.timeout});
  }
  // The client ended or was told that nobody knows, or this gateway is to stop, while the session
  // was being made.
  if (reply.error == error_code::ok && (!asking || stopping_)) {
    client gone;
    gone.sessions.insert(reply.session);
    close_sessions(gone);
  }
}

void local_gateway::take(role::tree::read_reply& reply) {
  const auto request = answered(reply.sequence);
  auto* asking = request ? find(request->client) : nullptr;
  if (!asking) return;
  if (request->watch) asking->watches.answered(*request->watch, reply.result);
  coordinator::read_done outcome{request->token, reply.zxid, std::move(reply.result)};
  if (unfinished_part(outcome.result))
    asking->later.emplace_back(std::move(outcome));
  else
    tell(*asking, std::move(outcome));
}

void local_gateway::take(role::tree::read_piece& piece) {
  auto* const waiting = find(piece.connection);
  if (!waiting || waiting->later.empty()) return;
  auto& later = waiting->later;
  auto& outcome = std::get<coordinator::read_done>(later.front());
  if (piece.given_up) {
    outcome.result = {};
    outcome.result.error = error_code::system_error;
  } else if (auto* const part = unfinished_part(outcome.result)) {
    if (part->names.empty()) part->names.reserve(0, part->names_to_come);
    part->names.append(piece.names);
    part->names_to_come -= piece.names.bytes().size();
  }
  // Everything up to the next list that is not complete.
  while (!later.empty()) {
    auto* const next = std::get_if<coordinator::read_done>(&later.front());
    if (next && unfinished_part(next->result)) return;
    hand_over(*waiting, later.front());
    later.pop_front();
  }
}

void local_gateway::take(role::tree::watch_event& event) {
  for (const auto number : event.connections) {
    if (auto* watching = find(number)) {
      watching->watches.fired(event.kind, event.path);
      tell(*watching, coordinator::event{event.kind, event.path, event.zxid});
    }
  }
}

void local_gateway::take(role::tree::session_ended& ended) {
  for (auto& [number, one] : clients_) {
    if (one.sessions.erase(ended.session) > 0) {
      tell(one, coordinator::session_ended{ended.session, ended.cause});
    }
  }
}

// ------------------------------------------------------------------ upkeep

void local_gateway::keep_alive() {
  role::session::touch touch;
  for (const auto& [number, one] : clients_) {
    touch.sessions.insert(touch.sessions.end(), one.sessions.begin(), one.sessions.end());
  }
  if (!touch.sessions.empty()) sessions_.send(std::move(touch));
  timer_ = timers_.after(touch_interval_, [this] { keep_alive(); });
}

void local_gateway::report_status(std::uint64_t token) {
  std::size_t sessions = 0;
  for (const auto& [number, one] : clients_)
    sessions += one.sessions.size();
  supervisor_.send(
      role::component::status_report{token,
                                     number_,
                                     {{"clients", std::to_string(clients_.size())},
                                      {"sessions", std::to_string(sessions)},
                                      {"requests_outstanding", std::to_string(pending_.size())}}});
}

}  // namespace troupe::local
