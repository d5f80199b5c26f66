#include "actors/gateway/zookeeper/switchboard.hpp"

#include <algorithm>
#include <variant>

#include "actors/gateway/zookeeper/socket_stream.hpp"

namespace troupe::zk {
namespace {

using namespace std::chrono_literals;

/// So long a connection that alternated with another is not taken for the only one in use, and
/// somebody who reads is expected to read again.
constexpr nanoseconds heard_lately = 20ms;
/// How often others are told that the disk must not be waited for.
constexpr nanoseconds told_again = role::broadcast::submit::disk_bound_again / 2;

/// A connection that holds so much more than was counted is counted at once.
constexpr std::size_t large_growth = 1 << 20;

/// Room is made at once for so many requests of one turn.
constexpr std::size_t most_expected = 4096;

/// Lists that are handed over in each turn are made as long as the last ones were: growing step by
/// step would move every request several times.
template <class List>
void expect(List& list, std::size_t last) {
  if (list.empty()) list.reserve(last);
}
template <class List>
void note(std::size_t& last, const List& list) {
  if (!list.empty()) last = std::min(list.size(), most_expected);
}

}  // namespace

switchboard::switchboard(gateway_settings settings, std::uint64_t first_number, monotonic_time now,
                         wall_time wall)
    : settings_(std::move(settings)), words_(settings_.four_letter_words),
      next_number_(first_number), now_(now), wall_(wall), started_(now) {}

// --------------------------------------------------------------- connections

std::optional<refusal> switchboard::refuses(const std::string& address) const {
  if (settings_.max_connections != 0 && connections_.size() >= settings_.max_connections) {
    return refusal{refusal::limit_of::connections,
                   "max_connections is " + std::to_string(settings_.max_connections)};
  }
  const auto most = settings_.max_connections_per_address;
  const auto held = per_address_.find(address);
  if (most != 0 && held != per_address_.end() && held->second >= most) {
    return refusal{refusal::limit_of::connections_per_address,
                   "max_connections_per_address is " + std::to_string(most)};
  }
  return std::nullopt;
}

connection& switchboard::accept(std::string peer, std::string address) {
  const auto number = next_number_++;
  ++per_address_[address];
  auto made =
      std::make_unique<connection>(number, std::move(peer), std::move(address), settings_.limits,
                                   static_cast<connection_host&>(*this), now_);
  auto& result = *made;
  by_number_.emplace(number, made.get());
  connections_.emplace(number, std::move(made));
  mark(result);
  return result;
}

void switchboard::remove(connection& gone) {
  gone.each_outstanding([this](std::uint64_t sequence) { routes_.erase(sequence); });
  forget_handshake(gone);
  counters_.outstanding -= gone.outstanding();
  counters_.held_bytes -= gone.counted_held;
  std::erase_if(arrivals_, [&](const auto& one) { return one.connection == gone.number(); });
  std::erase_if(questions_,
                [&](const auto& one) { return one.second.connection == gone.number(); });
  if (gone.marked) std::erase(marked_, &gone);
  if (gone.session()) {
    if (const auto own = sessions_.find(gone.session());
        own != sessions_.end() && own->second == &gone) {
      sessions_.erase(own);
    }
    turn_.gone.watchers.push_back({settings_.lane, gone.number()});
    turn_pending_ = true;
  }
  const auto held = per_address_.find(gone.address());
  if (--held->second == 0) per_address_.erase(held);
  // A client that comes in place of one that left is as alone as that was.
  if (gone.number() == last_heard_) last_heard_ = 0;
  by_number_.erase(gone.number());
  connections_.erase(gone.number());
  newest_number_ = 0;
  newest_ = nullptr;
}

connection* switchboard::find(std::uint64_t number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

void switchboard::mark(connection& one) {
  if (std::exchange(one.marked, true)) return;
  marked_.push_back(&one);
}

void switchboard::flush(connection& to) {
  if (to.stream) to.stream->flush();
}

void switchboard::recount(connection& one) noexcept {
  counters_.held_bytes -= one.counted_held;
  one.counted_held = one.held();
  counters_.held_bytes += one.counted_held;
}

void switchboard::count_held(connection& one) {
  recount(one);
  if (counters_.held_bytes <= settings_.limits.held_bytes) return;
  // What left for a client is not counted at once, and much may leave now.
  for (const auto& [number, other] : connections_) {
    flush(*other);
    recount(*other);
  }
  if (counters_.held_bytes > settings_.limits.held_bytes) close_largest();
}

void switchboard::close_largest() {
  // Some room more than is needed now, so that not every byte from now on asks everybody again.
  const auto enough = settings_.limits.held_bytes - settings_.limits.held_bytes / 16;
  std::vector<connection*> by_size;
  by_size.reserve(connections_.size());
  for (const auto& [number, one] : connections_)
    by_size.push_back(one.get());
  std::sort(by_size.begin(), by_size.end(), [](const auto* a, const auto* b) {
    return std::pair{b->counted_held, a->number()} < std::pair{a->counted_held, b->number()};
  });
  for (auto* one : by_size) {
    if (counters_.held_bytes <= enough) return;
    close_for_memory(*one);
  }
}

void switchboard::close_for_memory(connection& one) {
  ++counters_.closed_for_memory;
  one.abort("it holds " + std::to_string(one.counted_held) +
                " bytes, more than any other, and all together hold more than max_held_bytes (" +
                std::to_string(settings_.limits.held_bytes) + ")",
            true);
  recount(one);
  mark(one);
}

void switchboard::receive(connection& from, std::string_view bytes) {
  const auto before = std::exchange(last_heard_, from.number());
  if (before != 0 && before != from.number()) others_heard_ = now_;
  from.receive(bytes, now_);
  if (from.session()) {
    expect(turn_.touches.sessions, last_turn_.touches);
    turn_.touches.sessions.push_back(from.session());
    turn_pending_ = true;
  }
  recount(from);
  // Most requests leave nothing to do for their connection until they are answered.
  if (from.wants_turn() || counters_.held_bytes > settings_.limits.held_bytes) mark(from);
}

void switchboard::resume_input(connection& which) { which.resume_input(now_); }

void switchboard::input_ended(connection& from) {
  from.input_ended();
  mark(from);
}

void switchboard::broken(connection& which, std::string_view why) {
  which.abort(why);
  mark(which);
}

void switchboard::tick() {
  for (const auto& [number, one] : connections_) {
    one->tick(now_);
    if (one->state() >= connection::phase::closing) mark(*one);
  }
}

void switchboard::drain() {
  for (const auto& [number, one] : connections_) {
    one->drain();
    mark(*one);
  }
}

void switchboard::give_up(bool farewells) {
  for (const auto& [number, one] : connections_) {
    if (one->state() >= connection::phase::closing && !farewells) continue;
    one->abort("the server stops, and what the client asked for was not answered in time", true);
    mark(*one);
  }
}

gateway_turn switchboard::take_turn() {
  turn_.reads.lane = settings_.lane;
  turn_.writes.disk_bound = turn_.opens.disk_bound = disk_bound();
  turn_.readers_wait = !turn_.writes.disk_bound && now_ - readers_told_ >= told_again;
  if (!turn_.writes.disk_bound && (turn_.readers_wait || !turn_.writes.requests.empty()))
    readers_told_ = now_;
  note(last_turn_.reads, turn_.reads.requests);
  note(last_turn_.writes, turn_.writes.requests);
  note(last_turn_.touches, turn_.touches.sessions);
  turn_pending_ = false;
  return std::exchange(turn_, {});
}

// ------------------------------------------------------------------ requests

bool switchboard::disk_bound() const noexcept {
  return now_ - others_heard_ > heard_lately || now_ - read_heard_ > heard_lately;
}

std::uint64_t switchboard::next_sequence(connection& from) {
  const auto sequence = next_number_++;
  routes_.emplace(sequence, &from);
  turn_pending_ = true;
  return sequence;
}

std::uint64_t switchboard::write(connection& from, write_op&& op) {
  const auto sequence = next_sequence(from);
  expect(turn_.writes.requests, last_turn_.writes);
  turn_.writes.requests.push_back({{serving_.server, serving_.start, settings_.lane, sequence},
                                   from.session(),
                                   from.who(),
                                   0,
                                   std::move(op),
                                   from.since()});
  return sequence;
}

std::uint64_t switchboard::read(connection& from, std::uint64_t after, read_op&& op) {
  // The reply says for whom it is, so the way back need not be kept.
  turn_pending_ = true;
  read_heard_ = now_;
  const auto sequence = next_number_++;
  auto& requests = turn_.reads.requests;
  expect(requests, last_turn_.reads);
  requests.push_back({sequence, after, from.number(), from.session(), from.who(), std::move(op)});
  return sequence;
}

void switchboard::identities_changed(connection& from) {
  turn_.identities.push_back({{settings_.lane, from.number()}, from.who()});
  turn_pending_ = true;
}

// ------------------------------------------------------------------ sessions

void switchboard::connect(connection& from, connect_request request) {
  if (serving_.serving) return admit(from, request);
  // Rather than being refused, clients wait for a server that starts, up to handshake_timeout.
  arrivals_.push_back({from.number(), std::move(request)});
}

void switchboard::admit(connection& from, const connect_request& request) {
  if (request.last_zxid_seen > static_cast<std::int64_t>(known_applied_.value)) {
    return from.close("the client has seen a later state than this server has");
  }
  from.handshake = next_sequence(from);
  const milliseconds timeout{request.timeout_ms};
  if (request.session) {
    from.resumes = request.session;
    resuming_.emplace(request.session, from.handshake);
    turn_.resumes.push_back(
        {settings_.lane, from.handshake, request.session, request.password, timeout});
  } else {
    turn_.opens.sessions.push_back(
        {{serving_.server, serving_.start, settings_.lane, from.handshake}, timeout});
  }
}

void switchboard::forget_handshake(connection& one) {
  if (one.handshake == 0) return;
  routes_.erase(one.handshake);
  resuming_.erase({one.resumes, one.handshake});
  one.handshake = 0;
}

void switchboard::on(const role::broadcast::serving_changed& message) {
  serving_ = message;
  known_applied_ = std::max(known_applied_, message.applied);
  // Before the first connection no event can be overtaken.
  if (sessions_.empty()) applied_ = std::max(applied_, message.applied);
  if (!serving_.serving) return;
  for (const auto& [number, one] : connections_) {
    if (message.replaced && one->session() != session_id{})
      one->close("the tree of this server was replaced as a whole");
    mark(*one);  // their requests waited
  }
  for (auto& one : std::exchange(arrivals_, {})) {
    auto* from = find(one.connection);
    if (!from || from->state() != connection::phase::connecting) continue;
    admit(*from, one.request);
    mark(*from);
  }
}

void switchboard::take_session(connection& owner, session_id session, milliseconds timeout,
                               std::string_view password) {
  forget_handshake(owner);
  if (owner.state() != connection::phase::connecting) return;  // it closed meanwhile
  auto& holder = sessions_[session];
  if (holder && holder != &owner) {
    holder->close("its session was resumed by another connection");
    mark(*holder);
  }
  holder = &owner;
  owner.connected(session, timeout, password, now_);
  mark(owner);
}

void switchboard::on(role::session::resumed& message) {
  auto* to = take_route(message.sequence);
  if (!to) return;
  if (message.ok) return take_session(*to, message.session, message.timeout, message.password);
  forget_handshake(*to);
  to->expired();
  mark(*to);
}

void switchboard::on(const role::session::moved& message) {
  const auto found = sessions_.find(message.session);
  if (found == sessions_.end()) return;
  found->second->close("its session was resumed elsewhere");
  mark(*found->second);
}

// ------------------------------------------------------------------ outcomes

connection* switchboard::take_route(std::uint64_t sequence) {
  const auto found = routes_.find(sequence);
  if (found == routes_.end()) return nullptr;
  auto* const result = found->second;
  routes_.erase(found);
  return result;
}

void switchboard::on(role::tree::output& message) {
  for (auto& item : message.items) {
    if (auto* read = std::get_if<role::tree::read_reply>(&item)) {
      deliver(*read);
    } else {
      std::visit([this](auto& one) { deliver(one); }, item);
    }
  }
  applied_ = std::max(applied_, message.applied);
  known_applied_ = std::max(known_applied_, applied_);
}

void switchboard::deliver(role::tree::write_reply& item) {
  if (auto* to = take_route(item.sequence)) {
    to->write_done(item.sequence, item.zxid, item.results, now_);
    mark(*to);
  }
}

void switchboard::deliver(role::tree::read_reply& item) {
  if (item.connection != newest_number_) {
    newest_number_ = item.connection;
    newest_ = find(item.connection);
  }
  if (auto* to = newest_) {
    to->read_done(item.sequence, item.zxid, item.result, now_);
    mark(*to);
    // One batch may hold large answers for many.
    if (to->held() > to->counted_held + large_growth) count_held(*to);
  }
}

void switchboard::deliver(role::tree::read_piece& item) {
  auto* const to = find(item.connection);
  if (!to) return;
  if (item.given_up) {
    to->abort("a list of children that it asked for was given up: while it waited, more names were "
              "removed than are kept for that",
              true);
  } else {
    to->names_arrived(std::move(item.names));
  }
  mark(*to);
  if (to->held() > to->counted_held + large_growth) count_held(*to);
}

void switchboard::deliver(role::tree::session_reply& item) {
  auto* to = take_route(item.sequence);
  if (!to) return;
  if (item.error == error_code::ok) {
    return take_session(*to, item.session, item.timeout, item.password);
  }
  forget_handshake(*to);
  to->close("no session: " + std::string{to_string(item.error)}, true);
  mark(*to);
}

void switchboard::deliver(role::tree::watch_event& item) {
  event_frame_.clear();
  encode_event(event_frame_, item.kind, item.path, item.zxid);
  for (const auto number : item.connections) {
    if (auto* to = find(number)) {
      to->event(event_frame_);
      mark(*to);
    }
  }
}

void switchboard::deliver(role::tree::session_ended& item) {
  // The session component may have said yes to a client before it heard of the end; that answer
  // comes by another way than this, and must find nobody.
  for (auto one = resuming_.lower_bound({item.session, 0});
       one != resuming_.end() && one->first == item.session;
       one = resuming_.lower_bound({item.session, 0})) {
    auto& client = *routes_.at(one->second);
    forget_handshake(client);
    client.expired();
    mark(client);
  }
  const auto found = sessions_.find(item.session);
  if (found == sessions_.end()) return;
  found->second->session_gone("its session ended: " + std::string{to_string(item.cause)});
  mark(*found->second);
}

}  // namespace troupe::zk
