/// Decisions: code that the leader runs in its prepare stage, against the tree and everything that
/// is in flight (design section 7). Recipes are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe {

/// The decision looked at, or did, more than its budget allows. A decision lets it pass.
class decision_over_budget : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thrown by a decision to take back everything that it did, and to answer with an error.
class decision_refused : public std::runtime_error {
public:
  decision_refused(error_code error, const std::string& why)
      : std::runtime_error(why), error_(error) {}
  [[nodiscard]] error_code error() const noexcept { return error_; }

private:
  error_code error_;
};

/// The tree as it will be when everything in flight is applied, and what this decision has done so
/// far. Valid only while the decision runs, on the tree's thread. Every call counts against the
/// budget; over it, `decision_over_budget` is thrown.
class decision_tree {
public:
  /// A node as the decision sees it. Of one that is in flight the zxids are those that it will
  /// have.
  struct node_facts {
    blob data;
    troupe::stat stat;
    node_kind kind = node_kind::persistent;
  };
  /// The outcome of a creation; `path` is the final one.
  struct created {
    error_code error = error_code::ok;
    std::string path;
  };

  decision_tree() = default;
  decision_tree(const decision_tree&) = delete;
  decision_tree& operator=(const decision_tree&) = delete;
  virtual ~decision_tree() = default;

  /// Nothing if there is no such node. Recipes read as the server does: no ACL is asked.
  virtual std::optional<node_facts> node(std::string_view path) = 0;
  /// The bare names of the node's children, sorted; none if there is no such node.
  virtual std::vector<std::string> children(std::string_view path) = 0;
  /// Whether the session exists and does not end with what is in flight.
  virtual bool is_open(session_id session) = 0;

  /// The zxid of everything that this decision does: czxid of what it creates.
  [[nodiscard]] virtual zxid next_zxid() const = 0;
  /// The time that its transaction will carry. Replays never ask a clock.
  [[nodiscard]] virtual wall_time now() const = 0;

  /// Each takes effect at once for later calls of this decision. One that is refused leaves no
  /// trace, and the decision goes on. Ephemeral nodes belong to `owner`, which must be open; zero
  /// for nodes of other kinds. They are done as the server does them: no ACL is asked, so a
  /// decision for a client checks what it lets the client do.
  virtual created create(create_op op, session_id owner) = 0;
  virtual error_code remove(std::string_view path, std::int32_t version) = 0;
  virtual error_code set_data(std::string_view path, blob data, std::int32_t version) = 0;
};

/// A decision. It owns what it needs, never leaves its process, and may run again if the first run
/// did not come to pass: so it changes nothing but the tree it is given. What it throws takes back
/// all it did; only its own request is answered with an error.
class decision {
public:
  decision() = default;
  decision(const decision&) = delete;
  decision& operator=(const decision&) = delete;
  virtual ~decision() = default;

  /// Returns the reply, in any form; nobody looks into it but who asked. If nothing was changed,
  /// nothing is logged, and the reply leaves once what the decision saw is applied.
  [[nodiscard]] virtual blob decide(decision_tree& tree) const = 0;
  /// For logs: which recipe, mount and call this is.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
};

}  // namespace troupe
