// The links of `peer.tcp`: how they come up, deliver and end.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/peer/peer_actor.hpp"

namespace troupe::peer {

namespace log = sdk::log;

namespace {

const char* name_of(channel on) { return on == channel::election ? "election" : "broadcast"; }

}  // namespace

hello peer_actor::own_hello() {
  hello first;
  first.from = identity_.self;
  first.has_secret = !identity_.secret.empty();
  first.instance = identity_.instance;
  first.nonce = ports_.entropy.secret(nonce_bytes);
  return first;
}

void peer_actor::add_stream(kj::Own<kj::AsyncIoStream> socket, side end, hello first,
                            std::uint64_t attempt, std::string address) {
  const auto number = ++last_number_;
  auto state = std::make_unique<connection>(number, identity_, static_cast<gate&>(*this), limits_,
                                            end, std::move(first), now());
  auto untaken =
      std::make_shared<peer::intake>(number, most_untaken_bytes_, self<handle<peer::read_again>>());
  auto made = std::make_unique<link_stream>(ports_, kj::mv(socket), std::move(state),
                                            std::move(untaken), static_cast<stream_owner&>(*this));
  made->dial = attempt;
  made->address = std::move(address);
  auto& stream = *streams_.emplace(number, std::move(made)).first->second;
  mark(stream);
}

peer_actor::route* peer_actor::find(server_id server, channel on) {
  const auto found = routes_.find({server, on});
  return found == routes_.end() ? nullptr : &found->second;
}

bool peer_actor::is_used(channel on) const {
  return !stopping_ && clients_[static_cast<std::size_t>(on)];
}

bool peer_actor::is_superseded(server_id server, std::uint64_t instance) const {
  const auto found = starts_.find(server);
  return found != starts_.end() && found->second.is_superseded(instance);
}

void peer_actor::mark(link_stream& stream) {
  if (!std::exchange(stream.marked, true)) marked_.push_back(stream.state().number());
  schedule_turn();
}

void peer_actor::changed(link_stream& stream) {
  auto& state = stream.state();
  if (state.was_up() && !std::exchange(stream.told_up, true)) link_is_up(stream);
  const auto counts = state.take_counts();
  counted_.messages_in += counts.messages_in;
  counted_.messages_out += counts.messages_out;
  counted_.bytes_in += counts.bytes_in;
  counted_.bytes_out += counts.bytes_out;
  deliver(stream);
  if (state.where() >= connection::phase::closing && !std::exchange(stream.told_gone, true)) {
    link_has_ended(stream);
  }
  if (stream.has_work()) mark(stream);
}

void peer_actor::deliver(link_stream& stream) {
  auto messages = stream.state().take_messages();
  if (messages.empty() || stream.told_gone) return;
  std::size_t bytes = 0;
  for (const auto& one : messages)
    bytes += one.size();
  const auto& state = stream.state();
  clients_[static_cast<std::size_t>(state.on())].send(role::peer::received{
      state.server(), state.number(), std::move(messages), stream.intake().deliver(bytes)});
}

void peer_actor::end_link(link_stream& stream, std::string why) {
  stream.state().close(std::move(why));
  changed(stream);
}

void peer_actor::link_is_up(link_stream& stream) {
  const auto& state = stream.state();
  const auto server = state.server();
  auto& to = *find(server, state.on());
  if (starts_[server].saw(state.instance())) {
    for (const auto& [number, other] : streams_) {
      const auto& its = other->state();
      if (its.was_up() && its.server() == server && its.instance() != state.instance()) {
        end_link(*other, "server " + std::to_string(server.value) + " was started anew");
      }
    }
  }
  if (to.link) end_link(*to.link, "a new connection took its place");
  to.link = &stream;
  to.up_since = now();
  log::info("peer_link_up", {{"component", component_},
                             {"server", server.value},
                             {"channel", name_of(state.on())},
                             {"link", state.number()},
                             {"address", stream.address}});
  clients_[static_cast<std::size_t>(state.on())].send(role::peer::link_up{server, state.number()});
  // Where one channel gets through, the other does as well.
  for (const auto on : {channel::election, channel::broadcast}) {
    auto& beside = *find(server, on);
    if (may_dial(beside) && beside.dial == 0) dial(beside);
  }
}

void peer_actor::link_has_ended(link_stream& stream) {
  const auto& state = stream.state();
  auto* const to = find(state.server(), state.on());
  if (state.refused()) log_refusal(stream, *state.refused());
  if (stream.told_up) {
    ++counted_.links_lost;
    log::info("peer_link_down", {{"component", component_},
                                 {"server", state.server().value},
                                 {"channel", name_of(state.on())},
                                 {"link", state.number()},
                                 {"reason", state.why()}});
    clients_[static_cast<std::size_t>(state.on())].send(
        role::peer::link_down{state.server(), state.number(), state.why()});
    if (to->link == &stream) to->link = nullptr;
    // A link that ends as soon as it is up is not dialed again at once.
    if (now() - to->up_since >= dial_retry_) to->pause.succeeded();
  }
  if (to && stream.dial != 0 && to->dial == stream.dial) {
    to->dial = 0;
    dial_later(*to);
  }
}

void peer_actor::log_refusal(const link_stream& stream, const handshake::failure& why) {
  const auto server = stream.state().server();
  if (!why.worth_a_line || stopping_) {
    log::debug("peer_refused",
               {{"component", component_}, {"server", server.value}, {"reason", why.why}});
    return;
  }
  ++counted_.refusals;
  auto& budget = identity_.members.contains(server) ? refusals_ : strangers_;
  const auto left_out = budget.take(now());
  if (!left_out) return;
  log::warning(why.by_other_end ? "peer_refused_this_server" : "peer_refused",
               {{"component", component_},
                {"server", server.value},
                {"channel", name_of(stream.state().on())},
                {"address", stream.address},
                {"reason", why.why},
                {"left_out", *left_out}});
}

}  // namespace troupe::peer
