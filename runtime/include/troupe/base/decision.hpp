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

/// The decision looked at, or did, more than its budget allows. A decision lets it pass; whatever
/// it did is taken back also if it does not, and its request is answered `limit_exceeded`.
class decision_over_budget : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thrown by a decision to take back everything that it did, and to answer with an error. This is
/// no fault: nothing is logged, and `why` is the reply, for people.
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
class tree_view {
public:
  /// A node as the decision sees it. Of one that is in flight the zxids and times are those that it
  /// will have.
  struct node_facts {
    blob data;
    troupe::stat stat;
    node_kind kind = node_kind::persistent;
  };

  tree_view() = default;
  tree_view(const tree_view&) = delete;
  tree_view& operator=(const tree_view&) = delete;
  virtual ~tree_view() = default;

  /// Nothing if there is no such node. Recipes read as the server does: no ACL is asked.
  virtual std::optional<node_facts> node(std::string_view path) = 0;
  /// The bare names of the node's children, sorted; none if there is no such node. Each name counts
  /// as one access.
  virtual std::vector<std::string> children(std::string_view path) = 0;
  /// Whether the session exists and does not end with what is in flight.
  virtual bool is_open(session_id session) = 0;
  /// Whether somebody with the identities `who` has at least one of the permissions `wanted` (bits
  /// of `permission`) at a node; false if there is none.
  virtual bool allows(std::string_view path, std::int32_t wanted, const identities& who) = 0;

  /// The zxid of everything that this decision does: czxid of what it creates.
  [[nodiscard]] virtual zxid next_zxid() const = 0;
  /// The time that its transaction will carry. Replays never ask a clock.
  [[nodiscard]] virtual wall_time now() const = 0;
};

/// What a decision is given: the tree to look at and to change.
class decision_tree : public tree_view {
public:
  /// The outcome of a creation; `path` is the final one.
  struct created {
    error_code error = error_code::ok;
    std::string path;
  };

  /// Each takes effect at once for later calls of this decision. One that is refused leaves no
  /// trace, and the decision goes on. Ephemeral nodes belong to `owner`, which must be open; it is
  /// zero for nodes of other kinds. All are done as the server does them: no ACL is asked, so a
  /// decision for a client checks what it lets the client do (`allows`). What a decision does may
  /// have `most_bytes` of data and paths together.
  virtual created create(create_op op, session_id owner) = 0;
  virtual error_code remove(std::string_view path, std::int32_t version) = 0;
  virtual error_code set_data(std::string_view path, blob data, std::int32_t version) = 0;

  static constexpr std::size_t most_bytes = 4 << 20;
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
  /// For logs: which recipe, mount and call this is. Valid as long as the decision.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
};

/// Looks at writes at and below a mount that are no decisions, on the leader, before they are done:
/// so a recipe keeps plain clients from breaking what it relies on.
class mount_guard {
public:
  /// What somebody wants to do, and what nothing else speaks against.
  struct write {
    enum class kind : std::uint8_t { create, remove, set_data, set_acl };
    kind what = kind::create;
    std::string_view path;    ///< of a node to be created the final one
    bool sequential = false;  ///< the server has appended a number to the path
    node_kind node = node_kind::persistent;
    session_id session;  ///< zero: the server itself
  };

  mount_guard() = default;
  mount_guard(const mount_guard&) = delete;
  mount_guard& operator=(const mount_guard&) = delete;
  virtual ~mount_guard() = default;

  /// Nothing lets the write pass; else it is refused with `no_auth`, and this text, which says why
  /// and what to do, is logged with session and path. What it throws refuses, too. It has the
  /// budget of a decision. Ephemeral nodes of sessions that end are not asked about.
  [[nodiscard]] virtual std::optional<std::string> objection(tree_view& tree,
                                                             const write& what) const = 0;
  /// For logs: which recipe and mount this is.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
};

}  // namespace troupe
