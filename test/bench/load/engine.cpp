#include "engine.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bench {

namespace {

constexpr std::size_t buffer_bytes = 1024 * 1024;
constexpr std::size_t least_free_bytes = 64 * 1024;
constexpr std::size_t events_per_turn = 512;
// As many handshakes at a time as fit into the backlog of any server.
constexpr std::size_t handshakes_at_a_time = 64;
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t longest_wait_ns = second_ns / 10;

std::uint64_t nanoseconds(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

}  // namespace

engine::engine(const options& wishes, const std::vector<endpoint>& servers, workload& load)
    : wishes_(wishes), load_(load), poll_(::epoll_create1(EPOLL_CLOEXEC)), events_(events_per_turn),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)), now_ns_(clock_ns()) {
  connections_.reserve(static_cast<std::size_t>(wishes.connections));
  for (int i = 0; i < wishes.connections; ++i) {
    connections_.push_back(std::make_unique<connection>());
    connections_.back()->index = static_cast<std::uint32_t>(i);
    connections_.back()->server = &servers[static_cast<std::size_t>(i) % servers.size()];
  }
}

void engine::connect_all() {
  std::size_t begun = 0;
  while (open_ < connections_.size()) {
    while (begun < connections_.size() && begun - open_ < handshakes_at_a_time) {
      connect(*connections_[begun++]);
    }
    const auto before = open_;
    run(~0ULL, [&] { return open_ > before; });
  }
}

void engine::begin() {
  begun_ = true;
  now_ns_ = last_heard_ns_ = clock_ns();
  for (auto& c : connections_) {
    load_.begin(*this, *c);
  }
  // Whoever has a pace says when it begins; without that the first wait would be the longest one.
  due_ns_ = load_.turn(*this);
  flush_all();
}

void engine::reset_counts() noexcept {
  operations_ = 0;
  latencies_.clear();
}

void engine::run(std::uint64_t until_ns, const std::function<bool()>& done) {
  last_heard_ns_ = now_ns_ = clock_ns();
  const auto patience = nanoseconds(wishes_.stall_s);
  while (now_ns_ < until_ns && !done()) {
    const auto wake = std::min({until_ns, due_ns_, now_ns_ + longest_wait_ns});
    turn(wake > now_ns_ ? wake - now_ns_ : 0);
    if (now_ns_ >= next_keep_alive_ns_) {
      next_keep_alive_ns_ = now_ns_ + second_ns / 4;
      keep_alive();
    }
    if (now_ns_ > last_heard_ns_ + patience) {
      stalled();
    }
  }
}

void engine::turn(std::uint64_t timeout_ns) {
  timespec timeout{};
  timeout.tv_nsec = static_cast<long>(timeout_ns);
  const int count = ::epoll_pwait2(poll_.get(), events_.data(), static_cast<int>(events_.size()),
                                   &timeout, nullptr);
  now_ns_ = clock_ns();
  for (int i = 0; i < count; ++i) {
    const auto& ready_event = events_[static_cast<std::size_t>(i)];
    ready(*static_cast<connection*>(ready_event.data.ptr), ready_event.events);
  }
  if (begun_) {
    due_ns_ = load_.turn(*this);
  }
  flush_all();
}

void engine::connect(connection& c) {
  const int source = wishes_.sources == 0 ? 0 : 1 + static_cast<int>(c.index) % wishes_.sources;
  c.fd = begin_connect(*c.server, source);
  c.state = connection_state::connecting;
  c.waits_for_room = true;
  c.xid = 0;
  c.last_zxid = 0;
  c.connect_began_ns = now_ns_;
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT;
  wanted.data.ptr = &c;
  ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, c.fd.get(), &wanted);
}

void engine::disconnect(connection& c) noexcept {
  if (c.state == connection_state::open) {
    --open_;
  }
  c.fd.reset();
  c.state = connection_state::closed;
  c.out.clear();
  c.partial.clear();
  c.unanswered.clear();
}

void engine::ready(connection& c, std::uint32_t events) {
  if (c.state == connection_state::connecting) {
    connected(c);
    return;
  }
  if ((events & EPOLLOUT) != 0) {
    flush(c);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && c.state != connection_state::closed) {
    now_ns_ = clock_ns();
    receive(c);
  }
}

void engine::connected(connection& c) {
  if (const int error = connect_error(c.fd.get()); error != 0) {
    throw bench_error("cannot connect to " + c.server->name + ": " + std::strerror(error));
  }
  c.state = connection_state::opening;
  put_connect(c.out, wishes_.session_timeout_ms);
  flush(c);
}

void engine::receive(connection& c) {
  auto* data = buffer_.get();
  auto kept = c.partial.size();
  if (kept + least_free_bytes > buffer_bytes) {
    throw bench_error("a reply of the server is larger than this program expects");
  }
  std::memcpy(data, c.partial.data(), kept);
  const auto got = ::recv(c.fd.get(), data + kept, buffer_bytes - kept, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (got <= 0) {
    if (closing_) {
      disconnect(c);
      return;
    }
    throw bench_error(c.server->name + " closed connection " + std::to_string(c.index) + " with " +
                      std::to_string(c.unanswered.size()) + " unanswered requests" +
                      (got < 0 ? std::string{": "} + std::strerror(errno) : std::string{}));
  }
  last_heard_ns_ = now_ns_;
  const std::string_view bytes{data, kept + static_cast<std::size_t>(got)};
  const auto used = take_frames(c, bytes);
  if (c.state == connection_state::closed || c.state == connection_state::connecting) {
    return;  // the workload closed it, and may have begun another one
  }
  c.partial.assign(bytes.substr(used));
  flush_later(c);
}

std::size_t engine::take_frames(connection& c, std::string_view bytes) {
  std::size_t used = 0;
  while (bytes.size() - used >= 4) {
    const auto size = in_bytes{bytes.substr(used)}.int32();
    if (size < 0) {
      throw bench_error("the server sent a frame of negative length");
    }
    const auto whole = 4 + static_cast<std::size_t>(size);
    if (bytes.size() - used < whole) {
      break;
    }
    take_frame(c, bytes.substr(used + 4, whole - 4));
    if (c.state != connection_state::open) {
      break;
    }
    used += whole;
  }
  return used;
}

void engine::take_frame(connection& c, std::string_view frame) {
  if (c.state == connection_state::opening) {
    const auto answer = read_session(frame);
    if (answer.timeout_ms <= 0) {
      throw bench_error(c.server->name + " refuses a new session");
    }
    c.session = answer.session;
    c.state = connection_state::open;
    ++open_;
    if (begun_) {
      load_.opened(*this, c);
    }
    return;
  }
  const auto answer = read_reply(frame);
  if (answer.xid == event_xid) {
    load_.notified(*this, c, read_event(answer));
    return;
  }
  if (answer.xid == ping_xid) {
    return;
  }
  if (c.unanswered.empty() || c.unanswered.front().xid != answer.xid) {
    throw bench_error(
        "answers out of order: xid " + std::to_string(answer.xid) + " instead of " +
        (c.unanswered.empty() ? std::string{"none"} : std::to_string(c.unanswered.front().xid)));
  }
  if (answer.zxid < c.last_zxid) {
    throw bench_error("the zxid of answers went back on connection " + std::to_string(c.index));
  }
  c.last_zxid = answer.zxid;
  const auto request = c.unanswered.pop();
  if (!closing_) {
    load_.replied(*this, c, request, answer);
  }
}

void engine::flush_later(connection& c) {
  if (!c.dirty && !c.out.unsent().empty()) {
    c.dirty = true;
    dirty_.push_back(&c);
  }
}

void engine::flush_all() {
  for (auto* c : dirty_) {
    c->dirty = false;
    if (c->state == connection_state::open) {
      flush(*c);
    }
  }
  dirty_.clear();
}

void engine::flush(connection& c) {
  while (!c.out.unsent().empty()) {
    const auto bytes = c.out.unsent();
    const auto sent = ::send(c.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN) {
        watch_for_room(c, true);
        return;
      }
      if (closing_) {
        disconnect(c);
        return;
      }
      throw bench_error("cannot send to " + c.server->name + ": " + std::strerror(errno));
    }
    c.last_sent_ns = now_ns_;
    c.out.consume(static_cast<std::size_t>(sent));
  }
  watch_for_room(c, false);
}

void engine::watch_for_room(connection& c, bool wanted) {
  if (c.waits_for_room == wanted) {
    return;
  }
  c.waits_for_room = wanted;
  epoll_event change{};
  change.events = EPOLLIN | (wanted ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  change.data.ptr = &c;
  ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, c.fd.get(), &change);
}

void engine::keep_alive() {
  const auto silence = nanoseconds(wishes_.session_timeout_ms / 3000.0);
  for (auto& c : connections_) {
    if (c->state == connection_state::open && now_ns_ > c->last_sent_ns + silence) {
      put_bare(c->out, ping_xid, opcode::ping);
      flush(*c);
    }
  }
}

std::size_t engine::unanswered() const noexcept {
  std::size_t result = 0;
  for (const auto& c : connections_) {
    result += c->unanswered.size();
  }
  return result;
}

void engine::close_all() {
  closing_ = true;
  for (auto& c : connections_) {
    if (c->state == connection_state::open) {
      put_bare(c->out, c->expect(opcode::close_session, now_ns_), opcode::close_session);
      flush(*c);
    } else {
      disconnect(*c);
    }
  }
  run(clock_ns() + nanoseconds(wishes_.stall_s), [&] { return unanswered() == 0; });
  for (auto& c : connections_) {
    disconnect(*c);
  }
}

void engine::stalled() const {
  throw bench_error(connections_.front()->server->name + " said nothing for " +
                    std::to_string(wishes_.stall_s) + " s; " + std::to_string(open_) + " of " +
                    std::to_string(connections_.size()) + " connections are open, " +
                    std::to_string(unanswered()) + " requests unanswered");
}

}  // namespace bench
