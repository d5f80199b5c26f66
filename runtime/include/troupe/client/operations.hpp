/// What a native client asks for, and what it is answered.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe::client {

/// How new what a read sees must be. Writes are always done by the leader.
struct freshness {
  enum class kind : std::uint8_t {
    local,         ///< what the server has applied; everything that this session was told included
    at_least,      ///< everything up to `wanted`
    linearizable,  ///< everything that anybody was answered before this was asked
    max_lag,       ///< everything that anybody was answered `lag` before
  };
  kind what = kind::local;
  zxid wanted{};
  milliseconds lag{0};

  static freshness at_least(zxid wanted) { return {kind::at_least, wanted, {}}; }
  static freshness linearizable() { return {kind::linearizable, {}, {}}; }
  static freshness max_lag(milliseconds lag) { return {kind::max_lag, {}, lag}; }
};

/// A page of the children of a node, in the order of their names.
struct list_op {
  std::string path;
  std::string prefix = {};  ///< of the names
  std::string after = {};   ///< names behind this one; empty: from the beginning
  std::uint32_t limit = 0;  ///< at most so many; 0: as many as the server gives
  bool stats = false;
  bool data = false;
};

/// Sessions begin and end by other ways, and decisions never leave their process; so
/// `create_session_op`, `close_session_op` and `decide_op` are refused.
using operation = std::variant<write_op, read_op, list_op>;

/// What went wrong. Numbers are those of the protocol (schemas/coordination.capnp), but for those
/// that the client itself gives, from 1000.
enum class fault : std::uint16_t {
  none = 0xffff,
  unknown = 0,
  system_error = 1,
  bad_arguments = 2,
  unimplemented = 3,
  no_node = 4,
  no_auth = 5,
  bad_version = 6,
  no_children_for_ephemerals = 7,
  node_exists = 8,
  not_empty = 9,
  session_expired = 10,
  session_moved = 11,
  invalid_acl = 12,
  auth_failed = 13,
  no_watcher = 14,
  quota_exceeded = 15,
  throttled = 16,
  not_writable = 17,
  too_large = 18,
  too_many = 19,
  behind = 20,
  rolled_back = 21,
  not_tried = 22,
  limit_exceeded = 23,
  fenced = 24,
  not_leader = 25,
  decision_failed = 26,
  /// The connection was lost while the write was under way: it may or may not have been done.
  connection_lost = 1000,
  /// The session is lost; nothing of it goes on.
  session_lost = 1001,
  /// The client has `settings::max_waiting` operations already.
  too_many_waiting = 1002,
};

/// The nearest of ZooKeeper's codes.
error_code to_error_code(fault what) noexcept;

/// What went wrong, with the fields that it has.
struct problem {
  fault what = fault::none;
  std::string path = {};
  std::uint64_t limit = 0;
  std::uint64_t size = 0;
  std::string text = {};  ///< for people; may be empty
};

/// A page of children. `data` and `stat` of an entry are there if they were asked for.
struct page {
  struct entry {
    std::string name;
    troupe::stat stat;
    blob data;
    bool denied = false;  ///< this client may not read it
  };
  std::vector<entry> entries;
  bool more = false;  ///< go on with `after` the last entry
  troupe::stat parent;
};

/// The answer to one operation: to a write one result, or one for each operation of a multi, or
/// those of a script (see `script_op`); to a read its result, to a list a page. If `why` says
/// something, nothing else counts but the results of a multi, of which one failed.
struct answer {
  troupe::zxid zxid;
  problem why;
  std::vector<write_result> writes;
  read_result read;
  client::page page;

  [[nodiscard]] bool ok() const noexcept { return why.what == fault::none; }
};

/// A watch that fired.
struct event {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
};

}  // namespace troupe::client
