// How a native session gets connections, and loses them.
#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include <kj/debug.h>

#include "runtime/client/core/watch_parts.hpp"
#include "runtime/client/state_machine.hpp"

namespace troupe::client {
namespace {

constexpr kj::uint usual_port = 2190;
/// Of the paths in one operation that sets watches again.
constexpr std::size_t most_watch_bytes = 64 * 1024;
/// An attempt to connect takes no longer than this part of the timeout.
constexpr int attempts_per_timeout = 3;

kj::Duration to_kj(nanoseconds length) { return length.count() * kj::NANOSECONDS; }

}  // namespace

template <class T>
void session::state_machine::bury(T&& remains) {
  tasks_.add(kj::evalLater([gone = kj::mv(remains)]() mutable { gone = nullptr; }));
}

/// Until the session is over.
kj::Promise<void> session::state_machine::keep_connected() {
  if (over()) return kj::READY_NOW;
  const auto pause = pause_.next(random_());
  return around_.timer.afterDelay(to_kj(pause))
      .then([this] {
        auto promise = kj::newPromiseAndFulfiller<void>();
        disconnected_ = kj::mv(promise.fulfiller);
        return attempt().then(
            [until_then = kj::mv(promise.promise)]() mutable { return kj::mv(until_then); },
            [this](kj::Exception&& error) {
              why_lost_.text = error.getDescription().cStr();
              disconnect();
            });
      })
      .then([this] { return keep_connected(); });
}

kj::Promise<void> session::state_machine::attempt() {
  if (over()) return kj::READY_NOW;
  KJ_REQUIRE(!how_.servers.empty(), "no servers to connect to");
  server_ = how_.servers[next_server_ % how_.servers.size()];
  next_server_ = (next_server_ + 1) % how_.servers.size();
  auto opening =
      around_.network.parseAddress(server_.c_str(), usual_port)
          .then([](kj::Own<kj::NetworkAddress>&& address) {
            auto connected = address->connect();
            return connected.attach(kj::mv(address));
          })
          .then([this](kj::Own<kj::AsyncIoStream>&& stream) { return open(kj::mv(stream)); });
  return around_.timer.timeoutAfter(to_kj(wanted_.timeout / attempts_per_timeout), kj::mv(opening));
}

kj::Promise<void> session::state_machine::open(kj::Own<kj::AsyncIoStream> stream) {
  connection_ = codec::new_connection(kj::mv(stream), *this);
  const auto sent = now();
  // Both leave at once.
  auto facts = connection_->hello();
  auto opening = connection_->open(wanted_, how_.credentials);
  return facts
      .then([this, opening = kj::mv(opening)](codec::server_facts&& said) mutable {
        facts_ = std::move(said);
        return kj::mv(opening);
      })
      .then([this, sent](std::variant<codec::granted_session, problem>&& result) {
        if (const auto* granted = std::get_if<codec::granted_session>(&result))
          opened(*granted, sent);
        else
          refused(std::get<problem>(result));
      });
}

void session::state_machine::opened(const codec::granted_session& granted, monotonic_time sent) {
  if (over() || connection_.get() == nullptr) return;  // meanwhile
  wanted_.id = granted.id;
  wanted_.password = granted.password;
  wanted_.timeout = granted.timeout;
  // What the server has is not what this session has seen; but it has nothing older to show.
  events_seen_ = 0;
  pause_.succeeded();
  liveness_.begins(granted.timeout, sent, now());
  tasks_.add(connection_->lost().then([this, of = connection_.get()] {
    if (connection_.get() == of) disconnect();
  }));
  time_ = watch_time().eagerlyEvaluate(nullptr);
  set_state(session_state::connected);
  for (auto& one : std::exchange(connected_wishes_, {}))
    one->fulfill();
  set_watches_again();
  flush_later();
  close_if_idle();
}

void session::state_machine::refused(const problem& why) {
  // Of a server that has not got so far another one may have; all else but this may pass.
  if (why.what == fault::session_expired || why.what == fault::auth_failed) return lose(why);
  kj::throwFatalException(KJ_EXCEPTION(FAILED, "the server gives no session", why.text.c_str()));
}

void session::state_machine::set_watches_again() {
  if (watches_.empty()) return;
  for (auto& part : in_parts(watches_.again(wanted_.seen), most_watch_bytes)) {
    auto batch = std::make_shared<flight>();
    batch->batch.push_back({read_op{std::move(part)}, {}});
    batch->to.push_back(fulfiller{});
    send(std::move(batch));
  }
}

/// The connection is lost, or given up. What was under way is settled, and the next attempt begins.
void session::state_machine::disconnect() {
  if (connection_.get() != nullptr) bury(kj::mv(connection_));
  liveness_.disconnected();
  server_.clear();
  if (!over()) set_state(wanted_.id ? session_state::suspended : session_state::connecting);
  // Writes are answered, even if events that came before them were lost: they show nobody's
  // changes but their own.
  for (auto& one : std::exchange(held_, {})) {
    const bool all_writes =
        std::all_of(one.of->batch.begin(), one.of->batch.end(),
                    [](const auto& asked) { return std::holds_alternative<write_op>(asked.what); });
    if (all_writes) settle(one.of, std::move(one.answers));
  }
  const bool again = are_remembered();
  auto given_up = std::exchange(flights_, {});
  for (auto one = given_up.rbegin(); one != given_up.rend(); ++one)
    give_up(**one, again);
  if (disconnected_.get() != nullptr) disconnected_->fulfill();
}

void session::state_machine::lose(problem why) { finish(session_state::lost, std::move(why)); }

void session::state_machine::finish(session_state how, const problem& why) {
  if (over()) return;
  why_lost_ = why;
  set_state(how);
  disconnect();
  for (auto& one : std::exchange(queue_, {})) {
    if (one.to.get() == nullptr) continue;
    --count_;
    answer none;
    none.why = {fault::session_lost, {}, 0, 0, why.text};
    none.read.error = to_error_code(fault::session_lost);
    one.to->fulfill(std::move(none));
  }
  for (auto& one : std::exchange(connected_wishes_, {}))
    one->reject(KJ_EXCEPTION(FAILED, "the session is lost", why.text.c_str()));
  for (auto& one : std::exchange(close_wishes_, {}))
    one->fulfill();
}

// --------------------------------------------------------------------- time

kj::Promise<void> session::state_machine::watch_time() {
  if (over()) return kj::READY_NOW;
  const auto length = std::max(liveness_.next() - now(), nanoseconds{0});
  // A little later than due is due for certain.
  return around_.timer.afterDelay(to_kj(length + std::chrono::milliseconds{1})).then([this] {
    look();
    return watch_time();
  });
}

void session::state_machine::look() {
  switch (liveness_.look(now())) {
  case liveness::advice::nothing:
    return;
  case liveness::advice::ping:
    return keep_alive();
  case liveness::advice::reconnect:
    return disconnect();
  case liveness::advice::lost:
    return lose(
        {fault::session_lost, {}, 0, 0, "no server was heard of for the session's timeout"});
  }
}

void session::state_machine::keep_alive() {
  const auto sent = now();
  liveness_.said(sent);
  tasks_.add(connection_->keep_alive().then(
      [this, sent, of = connection_.get()] {
        if (connection_.get() == of) liveness_.answered(sent, now(), !flights_.empty());
      },
      [this, of = connection_.get()](kj::Exception&&) {
        if (connection_.get() == of) disconnect();
      }));
}

/// Somebody else goes on with the session, or it is gone.
void session::state_machine::ended() {
  if (!closing_) {
    tasks_.add(kj::evalLater([this] {
      if (!closing_) lose({fault::session_lost, {}, 0, 0, "its server says that it has ended"});
    }));
  }
}

}  // namespace troupe::client
