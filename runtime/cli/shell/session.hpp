/// What the commands that work on a tree need of a client.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe::cli {

/// There is no deployment that answers: cannot be reached, or the session is gone.
class not_connected : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A watch that fired.
struct change_seen {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
};

/// A session with a deployment. Every call waits for its answer, and throws `not_connected` if
/// there will be none.
class session {
public:
  session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  virtual ~session() = default;

  /// One result, or one for each operation of a multi.
  virtual std::vector<write_result> write(write_op op) = 0;
  virtual read_result read(read_op op) = 0;
  /// An error says what is wrong with the secret.
  virtual error_code authenticate(const std::string& scheme, const std::string& secret) = 0;
  virtual std::vector<identity> identities() = 0;
  /// Waits for an event of a watch, at most so long, if that is given.
  virtual std::optional<change_seen> next_change(std::optional<milliseconds> at_most) = 0;
  /// Facts about the server that answers, in words: name and value.
  virtual std::vector<std::pair<std::string, std::string>> server_facts() = 0;
};

}  // namespace troupe::cli
