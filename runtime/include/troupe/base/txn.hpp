/// Transactions: what the leader decided, in the form that every server applies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe {

/// Idempotent state changes. They are made by the prepare stage, which has checked everything;
/// applying them cannot fail. Versions and counters are set, never incremented, so that a
/// transaction says by itself what the state is afterwards.
namespace change {

struct create_node {
  std::string path;  ///< final
  blob data;
  troupe::acl acl;
  node_kind kind = node_kind::persistent;
  std::int64_t ttl_ms = -1;
  session_id owner;                          ///< of an ephemeral node
  std::int32_t parent_children_created = 0;  ///< of the parent, after this creation
};
/// Why the node goes does not matter here: clients, the reaper and closed sessions delete alike.
struct delete_node {
  std::string path;
};
struct set_data {
  std::string path;
  blob data;
  std::int32_t version = 0;  ///< after this change
};
struct set_acl {
  std::string path;
  troupe::acl acl;
  std::int32_t aversion = 0;  ///< after this change
};
/// A condition that held when the transaction was prepared. Changes nothing; it stands in the
/// transaction so that the result of a multi has one entry for each of its operations.
struct checked {
  std::string path;
};
struct create_session {
  session_id session;
  milliseconds timeout{0};
};
/// The session's ephemeral nodes are named by delete_node changes before it in the transaction.
struct close_session {
  session_id session;
  close_cause cause = close_cause::client;
};
/// The key under which session passwords are made. The first transaction of a new tree carries it.
struct set_secret {
  std::string secret;
};
/// The last change, if there is one: what the request is told, where that is not one result for
/// each of the changes, and whether its session remembers it under its request id.
struct answered {
  struct result {
    /// Whose path and Stat these are, counted among the changes that give a result; -1: nobody's.
    std::int32_t change = -1;
    std::int64_t number = 0;
    bool operator==(const result&) const = default;
  };
  std::vector<result> results;  ///< of a script; empty: one for each change
  bool remembered = false;
};

}  // namespace change

using txn_change = std::variant<change::create_node, change::delete_node, change::set_data,
                                change::set_acl, change::checked, change::create_session,
                                change::close_session, change::set_secret, change::answered>;

/// What kind of request made a transaction; decides the shape of the answer at its origin.
enum class txn_kind : std::uint8_t {
  create,
  remove,
  set_data,
  set_acl,
  multi,
  create_session,
  close_session,
  reap,  ///< the leader removed an unused container or an aged TTL node
};

/// The kind of transaction that an operation makes. A sync, which makes none, counts as `create`:
/// it too is answered by a single result.
txn_kind kind_of(const write_op& op) noexcept;

/// A decided transaction: the envelope of design section 4. The leader encodes it once
/// (schemas/txn.capnp); the same bytes go to its log, to every peer and to the apply stage.
struct txn {
  troupe::zxid zxid;
  wall_time time;
  session_id session;  ///< on whose behalf; zero for the server's own
  troupe::origin origin;
  std::uint64_t request_id = 0;  ///< of native clients, for retries; zero otherwise
  txn_kind kind = txn_kind::create;
  std::vector<txn_change> changes;
};

/// How many results the origin of a transaction is told.
std::size_t results_of(const txn& decided) noexcept;
/// How many results a request has that nobody looked into.
std::size_t results_of(const write_op& op) noexcept;

/// A transaction in its one encoding, with what the log and the links need to know of it.
struct encoded_txn {
  troupe::zxid zxid;
  blob body;
};

/// A refusal: it takes no zxid and is not logged, but travels in the commit stream, and is released
/// at its origin once `after` is applied there, because the state that refused was that of `after`.
struct verdict {
  troupe::origin origin;
  session_id session;
  troupe::zxid after;
  /// One entry for a single operation; one for each operation of a multi.
  std::vector<write_result> results;
  /// `kind_of` the operation: decides the shape of the answer at its origin.
  txn_kind kind = txn_kind::create;
  /// Not zero: no refusal, but a retry. `results` is empty; the answer is what the session
  /// remembers under this request id, which it does when `after` is applied.
  std::uint64_t repeats = 0;
};

}  // namespace troupe
