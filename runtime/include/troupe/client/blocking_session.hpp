/// A session of the native protocol, for plain threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/client/session.hpp>

namespace troupe::client {

/// A `session` with a thread of its own. Calls wait for their answers; any thread may call, and
/// operations of one thread are done in the order in which they are called. The listener is called
/// on the session's thread, which must not call the session.
class blocking_session {
public:
  /// Begins to connect; `wait_until_connected` waits for it.
  explicit blocking_session(settings how, listener told = {});
  /// Drops the connection without closing the session. Calls of other threads must have returned.
  ~blocking_session();
  blocking_session(const blocking_session&) = delete;
  blocking_session& operator=(const blocking_session&) = delete;

  /// False if it is not connected so long after the call, or lost: `why` says more.
  bool wait_until_connected(milliseconds at_most, std::string* why = nullptr);
  answer run(operation what, freshness how_new = {});
  /// Several at once: they travel together, and are done in this order.
  std::vector<answer> run_all(std::vector<operation> all, freshness how_new = {});
  problem authenticate(credential who);
  std::vector<identity> identities();
  void close();

  [[nodiscard]] session_state state() const;
  [[nodiscard]] session_id id() const;
  [[nodiscard]] zxid seen() const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> server_facts() const;

private:
  class own_thread;
  std::unique_ptr<own_thread> thread_;
};

}  // namespace troupe::client
