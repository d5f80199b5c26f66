/// Whom the desk answers. The sinks stand for calls that are not answered yet, and for capabilities
/// of the client; the codec makes them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/gateway/rpc/core/operation.hpp"

namespace troupe::rpc {

/// Waits for one batch. Destroyed unanswered when its connection is gone.
class batch_sink {
public:
  virtual ~batch_sink() = default;
  virtual void done(finished_batch&& batch) = 0;
};

/// A session that a client got. `number` is what the desk calls it in this connection.
struct granted_session {
  std::uint64_t number = 0;
  session_id session;
  milliseconds timeout{0};
  std::string password;
  zxid at;
};

/// Waits for a session.
class opening_sink {
public:
  virtual ~opening_sink() = default;
  virtual void granted(granted_session&& session) = 0;
  virtual void refused(problem&& why) = 0;
};

/// Why no more events come.
enum class session_end : std::uint8_t { client, expired, administrator, moved };

/// The client's side of a session's watches.
class watcher_sink {
public:
  virtual ~watcher_sink() = default;
  virtual void happened(const std::vector<event>& events) = 0;
  virtual void ended(session_end cause) = 0;
};

/// What a client asks for when it wants a session.
struct session_wish {
  std::uint64_t link = 0;  ///< the connection
  milliseconds timeout{0};
  identities who;
  session_id resumes;  ///< zero: a new session
  std::string password;
  zxid seen;  ///< the newest zxid that the client knows of
  std::unique_ptr<watcher_sink> watcher;
};

}  // namespace troupe::rpc
