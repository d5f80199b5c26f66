#include "runtime/embed/client_core.hpp"

#include <utility>

#include <caf/send.hpp>

#include "runtime/embed/engine.hpp"

namespace troupe::embed {

namespace coordinator = role::coordinator;

// ------------------------------------------------ for the application's threads

template <class Answer, class Request, class Op>
answer<Answer> client_core::ask(waiting<Answer>& table, Op what) {
  if (engine::is_current_thread()) {
    return error{std::nullopt, engine::would_wait};
  }
  std::future<answer<Answer>> future;
  {
    // Sent under the lock, so that the order of calls is the order in which they arrive.
    const std::lock_guard guard{mutex_};
    if (over_) return *over_;
    const auto token = next_token_++;
    future = table[token].get_future();
    gateway_.send(Request{client_, token, session_.session, how_.who, std::move(what)});
  }
  return future.get();
}

answer<coordinator::wrote> client_core::write(write_op what) {
  return ask<coordinator::wrote, coordinator::write>(writes_, std::move(what));
}

answer<coordinator::read_done> client_core::read(read_op what) {
  return ask<coordinator::read_done, coordinator::read>(reads_, std::move(what));
}

std::optional<error> client_core::wait_open() { return open_.get_future().get(); }

void client_core::closing() {
  const std::lock_guard guard{mutex_};
  left_ = true;
}

void client_core::leave() {
  {
    const std::lock_guard guard{mutex_};
    left_ = true;
    if (actor_) caf::anon_send_exit(actor_, caf::exit_reason::kill);
  }
  notifier_.stop();
}

// -------------------------------------------------------- for the client's actor

void client_core::attached(const coordinator::actor& gateway, std::uint64_t client,
                           caf::strong_actor_ptr actor) {
  const std::lock_guard guard{mutex_};
  gateway_ = gateway;
  client_ = client;
  actor_ = std::move(actor);
  gateway_.send(coordinator::open{client_, 0, how_.session_timeout});
}

void client_core::take(const coordinator::opened& message) {
  const std::lock_guard guard{mutex_};
  if (open_told_) return;
  open_told_ = true;
  session_ = message;
  if (message.error == error_code::ok) {
    open_.set_value(std::nullopt);
  } else {
    const auto name = std::string{to_string(message.error)};
    over_ = error{message.error, "no session was opened: " + name};
    open_.set_value(over_);
  }
}

template <class Answer>
void client_core::answer_one(waiting<Answer>& table, Answer& message) {
  const std::lock_guard guard{mutex_};
  const auto found = table.find(message.token);
  if (found == table.end()) return;
  found->second.set_value(std::move(message));
  table.erase(found);
}

void client_core::take(coordinator::wrote& message) { answer_one(writes_, message); }

void client_core::take(coordinator::read_done& message) { answer_one(reads_, message); }

void client_core::take(const coordinator::event& message) {
  if (!how_.on_event) return;
  if (notifier_.push([self = shared_from_this(), message] { self->how_.on_event(message); }))
    return;
  const std::lock_guard guard{mutex_};
  end({std::nullopt, "too many events wait for on_event, which is slower than they come"});
}

void client_core::take(const coordinator::session_ended& message) {
  const std::lock_guard guard{mutex_};
  // What was asked before is answered before the coordinator ends.
  end({error_code::session_expired,
       message.cause == close_cause::client
           ? "the session is closed"
           : "the session has ended: " + std::string{to_string(message.cause)}});
}

void client_core::end(error why) {
  if (over_) return;
  over_ = std::move(why);
  if (!left_ && how_.on_lost) {
    notifier_.push(
        [self = shared_from_this(), reason = over_->message] { self->how_.on_lost(reason); });
  }
}

template <class Answer>
void client_core::fail_all(waiting<Answer>& table) {
  for (auto& [token, promise] : std::exchange(table, {})) {
    promise.set_value(
        error{std::nullopt, over_->message + "; whether a write was done is unknown"});
  }
}

void client_core::lose(const std::string& reason) {
  const std::lock_guard guard{mutex_};
  end({std::nullopt, reason});
  gateway_.reset();
  actor_ = nullptr;
  if (!std::exchange(open_told_, true)) open_.set_value(over_);
  fail_all(writes_);
  fail_all(reads_);
}

}  // namespace troupe::embed
