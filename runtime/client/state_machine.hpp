/// A native session: its connection, what waits, and what is under way.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <troupe/base/backoff.hpp>
#include <troupe/base/prng.hpp>
#include <troupe/base/standing_watches.hpp>
#include <troupe/client/session.hpp>

#include "runtime/client/codec/connection.hpp"
#include "runtime/client/core/liveness.hpp"

namespace troupe::client {

/// What `session` promises. Everything of KJ's that may be in use is destroyed in an event of its
/// own (`bury`).
class session::state_machine final : private codec::connection_host,
                                     private kj::TaskSet::ErrorHandler {
public:
  state_machine(environment around, settings how, listener told);
  ~state_machine() noexcept;

  kj::Promise<answer> submit(operation what, freshness how_new);
  kj::Promise<problem> authenticate(credential who);
  kj::Promise<std::vector<identity>> identities();
  kj::Promise<void> close();
  kj::Promise<void> when_connected();

  [[nodiscard]] session_state state() const noexcept { return state_; }
  [[nodiscard]] session_id id() const noexcept { return wanted_.id; }
  [[nodiscard]] milliseconds timeout() const noexcept { return wanted_.timeout; }
  [[nodiscard]] zxid seen() const noexcept { return wanted_.seen; }
  [[nodiscard]] const std::string& server() const noexcept { return server_; }
  [[nodiscard]] const auto& server_facts() const noexcept { return facts_.all; }

private:
  using fulfiller = kj::Own<kj::PromiseFulfiller<answer>>;
  struct waiting {
    codec::asked op;
    fulfiller to;  ///< null: nobody waits
  };
  /// What was sent together.
  struct flight {
    std::vector<codec::asked> batch;
    std::vector<fulfiller> to;
    monotonic_time sent;
    bool over = false;  ///< answered, or given up
  };
  using shared_flight = std::shared_ptr<flight>;
  /// Answers that show what events tell of that have not come.
  struct held_answers {
    shared_flight of;
    codec::answers answers;
  };

  [[nodiscard]] monotonic_time now() const;
  [[nodiscard]] bool over() const noexcept { return state_ >= session_state::lost; }
  void set_state(session_state next);
  template <class T>
  void bury(T&& remains);
  void taskFailed(kj::Exception&& error) override;

  // connecting.cpp
  kj::Promise<void> keep_connected();
  kj::Promise<void> attempt();
  kj::Promise<void> open(kj::Own<kj::AsyncIoStream> stream);
  void opened(const codec::granted_session& session, monotonic_time sent);
  void refused(const problem& why);
  void set_watches_again();
  void disconnect();
  void lose(problem why);
  void finish(session_state how, const problem& why);
  kj::Promise<void> watch_time();
  void look();
  void keep_alive();

  // state_machine.cpp
  void flush_later();
  void flush();
  [[nodiscard]] bool fits(const flight& batch, std::size_t bytes, const waiting& next) const;
  void send(shared_flight batch);
  void answered(const shared_flight& batch, codec::answers&& answers);
  /// The server, or this client, could not make the answers.
  void refused(const shared_flight& batch, const kj::Exception& why);
  void settle(const shared_flight& batch, codec::answers&& answers);
  void settle_one(const codec::asked& asked, fulfiller to, answer&& what);
  void give_up(flight& batch, bool again);
  [[nodiscard]] bool are_remembered() const;
  void close_if_idle();
  void happened(std::vector<event> events) override;
  void ended() override;

  const environment around_;
  settings how_;
  const listener told_;
  prng random_;
  backoff pause_;
  session_state state_ = session_state::connecting;
  problem why_lost_;

  codec::wanted_session wanted_;  ///< this session, as far as it is known
  std::size_t next_server_;
  std::string server_;
  codec::server_facts facts_;
  liveness liveness_;
  standing_watches watches_;

  std::deque<waiting> queue_;
  std::uint64_t request_ids_ = 0;
  std::size_t count_ = 0;  ///< in the queue and under way
  std::deque<shared_flight> flights_;
  std::deque<held_answers> held_;
  std::uint64_t events_seen_ = 0;  ///< in this connection
  bool flush_due_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> connected_wishes_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> close_wishes_;

  kj::Own<codec::connection> connection_;  ///< null: none
  kj::Own<kj::PromiseFulfiller<void>> disconnected_;
  kj::TaskSet tasks_;
  kj::Promise<void> time_ = nullptr;
  kj::Promise<void> life_ = nullptr;
};

}  // namespace troupe::client
