/// What a client's threads and its actor share.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <troupe/embed/client.hpp>

#include "runtime/embed/notifier.hpp"

namespace troupe::embed {

/// Requests that wait for their answers, by token. Threads of the application ask; the client's
/// actor answers, on the reactor.
class client_core : public std::enable_shared_from_this<client_core> {
public:
  explicit client_core(client_settings how) : how_(std::move(how)) {}

  // ------------------------------------------------ for the application's threads

  answer<role::coordinator::wrote> write(write_op what);
  answer<role::coordinator::read_done> read(read_op what);
  /// Waits for the session; says why there is none.
  [[nodiscard]] std::optional<error> wait_open();
  /// The application closes the session by itself; nobody is told that it is lost.
  void closing();
  /// The application has no more use for the client: ends its actor. No callback runs afterwards,
  /// but for the one in which this is called.
  void leave();

  [[nodiscard]] session_id session() const { return session_.session; }
  [[nodiscard]] milliseconds session_timeout() const { return session_.timeout; }

  // -------------------------------------------------------- for the client's actor

  void attached(const role::coordinator::actor& gateway, std::uint64_t client,
                caf::strong_actor_ptr actor);
  void take(const role::coordinator::opened& message);
  void take(role::coordinator::wrote& message);
  void take(role::coordinator::read_done& message);
  void take(const role::coordinator::event& message);
  void take(const role::coordinator::session_ended& message);
  /// No answer will come any more, for `reason`.
  void lose(const std::string& reason);

private:
  template <class Answer>
  using waiting = std::map<std::uint64_t, std::promise<answer<Answer>>>;

  template <class Answer, class Request, class Op>
  answer<Answer> ask(waiting<Answer>& table, Op what);
  template <class Answer>
  void answer_one(waiting<Answer>& table, Answer& message);
  template <class Answer>
  void fail_all(waiting<Answer>& table);
  /// The session is over or the coordinator gone. With the mutex.
  void end(error why);

  const client_settings how_;
  std::promise<std::optional<error>> open_;
  bool open_told_ = false;
  role::coordinator::opened session_;  ///< set before `open_`, constant after

  std::mutex mutex_;
  role::coordinator::actor gateway_;  ///< empty once it has ended
  std::uint64_t client_ = 0;
  caf::strong_actor_ptr actor_;
  std::uint64_t next_token_ = 1;
  waiting<role::coordinator::wrote> writes_;
  waiting<role::coordinator::read_done> reads_;
  std::optional<error> over_;  ///< why nothing can be asked any more
  bool left_ = false;

  notifier notifier_;
};

}  // namespace troupe::embed
