/// One connection of a native client to one server.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <kj/async-io.h>

#include <troupe/client/session.hpp>

namespace troupe::client::codec {

/// Whom a connection tells what its server says by itself. Called from the event loop; the
/// connection must not be destroyed from inside these calls.
class connection_host {
public:
  virtual void happened(std::vector<event> events) = 0;
  /// The session is gone, or goes on in another connection.
  virtual void ended() = 0;

protected:
  ~connection_host() = default;
};

/// What a server says of itself.
struct server_facts {
  std::vector<std::pair<std::string, std::string>> all;
  std::uint32_t most_operations = 1;  ///< in one submit
  std::uint64_t most_bytes = 0;       ///< of one message
};

struct granted_session {
  session_id id;
  std::string password;
  milliseconds timeout{0};
  zxid at;
};

/// Which session to go on with; a new one if `id` is zero.
struct wanted_session {
  session_id id;
  std::string password;
  zxid seen;
  milliseconds timeout{0};
};

struct asked {
  operation what;
  freshness how_new;
  std::uint64_t request_id = 0;  ///< of a write that may be asked again
};

struct answers {
  std::uint64_t events = 0;  ///< that came before them
  std::vector<answer> each;
};

/// Cap'n Proto RPC over one stream. Promises fail with an exception when the connection is lost.
class connection {
public:
  virtual ~connection() = default;

  virtual kj::Promise<server_facts> hello() = 0;
  virtual kj::Promise<std::variant<granted_session, problem>>
  open(wanted_session wanted, const std::vector<credential>& who) = 0;
  /// `batch` has to stay until the promise is settled. Only after `open` has granted a session, as
  /// all that follows.
  virtual kj::Promise<answers> submit(const std::vector<asked>& batch) = 0;
  virtual kj::Promise<void> keep_alive() = 0;
  virtual kj::Promise<problem> authenticate(const credential& who) = 0;
  virtual kj::Promise<std::vector<identity>> identities() = 0;
  virtual kj::Promise<void> close() = 0;
  /// When the connection is lost.
  virtual kj::Promise<void> lost() = 0;
};

/// `host` outlives the connection.
kj::Own<connection> new_connection(kj::Own<kj::AsyncIoStream> stream, connection_host& host);

}  // namespace troupe::client::codec
