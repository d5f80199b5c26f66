/// A session of the native protocol, for programs that run on KJ's event loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <kj/async.h>

#include <troupe/client/operations.hpp>

namespace kj {
class Network;
class Timer;
}  // namespace kj

namespace troupe::client {

/// What a session needs of the world. It outlives the session.
struct environment {
  kj::Network& network;
  kj::Timer& timer;
  std::uint64_t seed = 0;  ///< of the jitter; another one in every process
};

struct credential {
  std::string scheme = "digest";
  std::string secret;  ///< of digest: user:password
};

struct settings {
  /// Servers, as "host:port". They are tried in turn, beginning with a random one.
  std::vector<std::string> servers;
  milliseconds session_timeout{10'000};
  std::vector<credential> credentials = {};
  /// Pauses between attempts grow up to this, with jitter.
  milliseconds longest_pause{1'000};
  /// Gives every write a number under which its session remembers the answer, so that it can be
  /// asked again when the connection was lost, and is done once.
  bool retry_writes = true;
  /// Operations that have no answer, sent or not; more are refused.
  std::size_t max_waiting = 100'000;
};

/// Where a session stands.
enum class session_state : std::uint8_t {
  connecting,  ///< there is no session yet, and no connection
  connected,
  suspended,  ///< the connection is lost, the session may live: it will be resumed
  /// For good: the session expired, or may have, because no server was heard of for its timeout. A
  /// program that acts in the name of the session has to stop now.
  lost,
  closed,  ///< by `close`
};
std::string_view to_string(session_state state) noexcept;

/// Whom a session tells. Called from the event loop, never from inside a call to the session; a
/// session must not be destroyed from inside these calls.
struct listener {
  std::function<void(session_state)> on_state = {};
  /// In order, and before the answer to any operation that shows the change. After a loss of the
  /// connection watches are set again; one-shot watches of what changed meanwhile fire.
  std::function<void(const event&)> on_event = {};
};

/// A session with a deployment. It connects by itself, goes on with the same session when the
/// connection is lost, also at another server, and tells by itself that the session is lost when no
/// server was heard of for its timeout: earlier than the servers give it up. One thread.
///
/// What is submitted in one turn of the event loop travels together, and operations are done in the
/// order in which they are submitted. Operations wait while there is no connection. When the
/// connection is lost, reads are asked again, and so are writes (`settings::retry_writes`); without
/// that, or with more than a hundred of them under way, writes under way fail with
/// `fault::connection_lost`.
class session {
public:
  session(environment around, settings how, listener told = {});
  /// Drops the connection. The session itself stays until its timeout, unless it was closed.
  ~session() noexcept;
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Never fails but by what the answer says. Destroying the promise does not take the operation
  /// back.
  kj::Promise<answer> submit(operation what, freshness how_new = {});
  /// Adds an identity, for everything that is submitted from then on, and in later connections.
  kj::Promise<problem> authenticate(credential who);
  /// Who the session is, for its server.
  kj::Promise<std::vector<identity>> identities();
  /// Ends the session; everything that was submitted before is answered first. Afterwards
  /// everything fails with `fault::session_lost`.
  kj::Promise<void> close();
  /// When the session is connected; fails with the reason if it is lost before.
  kj::Promise<void> when_connected();

  [[nodiscard]] session_state state() const noexcept;
  [[nodiscard]] session_id id() const noexcept;  ///< zero until it is connected
  [[nodiscard]] milliseconds timeout() const noexcept;
  /// The newest state that this session was told of. Another client that reads `at_least` this sees
  /// what this one saw.
  [[nodiscard]] zxid seen() const noexcept;
  /// The server that it is connected to, as in the settings; empty if none.
  [[nodiscard]] const std::string& server() const noexcept;
  /// Facts about that server, by name.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& server_facts() const;

private:
  class state_machine;
  kj::Own<state_machine> machine_;
};

}  // namespace troupe::client
