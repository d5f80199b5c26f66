/// The operations that clients and components ask for, free of any wire format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/acl.hpp>
#include <troupe/base/blob.hpp>
#include <troupe/base/error_code.hpp>
#include <troupe/base/ids.hpp>
#include <troupe/base/name_list.hpp>
#include <troupe/base/stat.hpp>
#include <troupe/base/time.hpp>

namespace troupe {

/// Matches every version in a conditional operation.
inline constexpr std::int32_t any_version = -1;

enum class node_kind : std::uint8_t { persistent, ephemeral, container, ttl };

/// Why a session ended. Recorded with the closing transaction, so that no loss is silent.
enum class close_cause : std::uint8_t { client, expired, administrator };
std::string_view to_string(close_cause cause) noexcept;

// ---------------------------------------------------------------- writes

struct create_op {
  std::string path;  ///< for sequential nodes the prefix of the final path
  blob data;
  troupe::acl acl;
  node_kind kind = node_kind::persistent;
  bool sequential = false;
  std::int64_t ttl_ms = -1;  ///< only for node_kind::ttl
};
struct delete_op {
  std::string path;
  std::int32_t version = any_version;
};
struct set_data_op {
  std::string path;
  blob data;
  std::int32_t version = any_version;
};
struct set_acl_op {
  std::string path;
  troupe::acl acl;
  std::int32_t version = any_version;  ///< compared with aversion
};
/// Only inside a multi.
struct check_op {
  std::string path;
  std::int32_t version = any_version;
};
using multi_item = std::variant<create_op, delete_op, set_data_op, check_op>;
/// All or nothing, all with one zxid.
struct multi_op {
  std::vector<multi_item> items;
};
/// Makes the request's session exist.
struct create_session_op {
  milliseconds timeout{0};  ///< already negotiated
};
/// Ends the request's session and deletes its ephemeral nodes, in one transaction.
struct close_session_op {
  close_cause cause = close_cause::client;
};
/// Completes when everything that the leader had committed is applied on the asking server. Takes
/// no zxid; its outcome is a verdict. The path is only echoed.
struct sync_op {
  std::string path;
};

// Operations that only the native protocol has. They stand in a script.

/// Passes if there is no such node; else `node_exists`.
struct check_absent_op {
  std::string path;
};
/// Gives the node that is there already, or makes it. Not for sequential nodes.
struct create_if_absent_op {
  create_op node;
};
/// Makes the ancestors that are missing, too: persistent, empty, with `ancestors` as their list.
struct create_with_parents_op {
  create_op node;
  acl ancestors;
};
/// Deletes the node with everything below it, if that is `most` nodes at most; else
/// `limit_exceeded`.
struct delete_tree_op {
  std::string path;
  std::uint32_t most = 0;
};
/// The node's data is a decimal number, or empty, which counts as 0. Adds to it. `bad_arguments` if
/// it is something else; `limit_exceeded` if the sum is no signed number of 64 bits.
struct add_op {
  std::string path;
  std::int64_t amount = 0;
};
/// Passes if the node is there and was made by the transaction `token`; else `fenced`.
struct guard_op {
  std::string path;
  zxid token;
};
struct script_step;
/// If every step of `when` (check, check_absent or guard) passes, `then` is done, else `otherwise`.
struct choose_op {
  std::vector<script_step> when, then, otherwise;
};
struct script_step {
  std::variant<create_op, delete_op, set_data_op, set_acl_op, check_op, check_absent_op,
               create_if_absent_op, create_with_parents_op, delete_tree_op, add_op, guard_op,
               choose_op>
      what;
};
/// The multi of the native protocol: steps in order, each upon what those before it did; all or
/// nothing, all with one zxid. Its results are those of the steps that were done: that of a choice
/// comes before those of the steps that it chose, and of a refused script the last one is the
/// error.
struct script_op {
  static constexpr std::size_t deepest = 8;  ///< choices within choices
  std::vector<script_step> steps;
};

class decision;
/// Code for the prepare stage (base/decision.hpp). It never leaves its process: where this server
/// does not lead, it is refused with `not_leader`.
struct decide_op {
  std::shared_ptr<const decision> what;
};

using write_op = std::variant<create_op, delete_op, set_data_op, set_acl_op, multi_op,
                              create_session_op, close_session_op, sync_op, script_op, decide_op>;

/// What became of one operation of a write. `path` and `stat` are set where the operation gives
/// them: create (final path and Stat), set_data and set_acl (Stat), sync (path). In a script also:
/// the checks (path and Stat of what is there); `number` of add (the sum), delete_tree (how many
/// nodes), create_with_parents (how many ancestors), choose (1: `then`, 0: `otherwise`), and of a
/// refusal with `limit_exceeded` (the limit).
struct write_result {
  error_code error = error_code::ok;
  std::string path;
  troupe::stat stat;
  std::int64_t number = 0;
};

// ----------------------------------------------------------------- reads

struct exists_op {
  std::string path;
  bool watch = false;
};
struct get_data_op {
  std::string path;
  bool watch = false;
};
struct get_acl_op {
  std::string path;
};
struct get_children_op {
  std::string path;
  bool watch = false;
};
struct get_all_children_number_op {
  std::string path;
};
struct get_ephemerals_op {
  std::string prefix;  ///< empty or "/" gives all
};
using multi_read_item = std::variant<get_data_op, get_children_op>;
/// Every item succeeds or fails by itself; watch flags are ignored.
struct multi_read_op {
  std::vector<multi_read_item> items;
};
/// Re-registration after a reconnect (protocol section 7.5).
struct set_watches_op {
  zxid relative;
  std::vector<std::string> data, exist, child, persistent, persistent_recursive;
};
enum class watch_mode : std::uint8_t { persistent, persistent_recursive };
struct add_watch_op {
  std::string path;
  watch_mode mode = watch_mode::persistent;
};
/// Selects watches of a connection at one exact path, numbers as on the wire.
enum class watch_selector : std::uint8_t {
  children = 1,
  data = 2,
  any = 3,
  persistent = 4,
  persistent_recursive = 5,
};
struct check_watches_op {
  std::string path;
  watch_selector selector = watch_selector::any;
};
struct remove_watches_op {
  std::string path;
  watch_selector selector = watch_selector::any;
};

using read_op = std::variant<exists_op, get_data_op, get_acl_op, get_children_op,
                             get_all_children_number_op, get_ephemerals_op, multi_read_op,
                             set_watches_op, add_watch_op, check_watches_op, remove_watches_op>;

/// The outcome of a read. Only the fields that the operation gives are set: Stat (exists, get_data,
/// get_acl, get_children), data, acl, names (get_children: bare names, get_ephemerals: full paths),
/// number (get_all_children_number), items (multi_read).
struct read_result {
  error_code error = error_code::ok;
  troupe::stat stat;
  blob data;
  troupe::acl acl;
  name_list names;
  std::int32_t number = 0;
  std::vector<read_result> items;
  /// Of a list of children that is made in steps: so many bytes of `names.bytes()` come later,
  /// piece by piece; their number is `stat.num_children`, and `names` is empty. Zero if all is
  /// here.
  std::uint64_t names_to_come = 0;
};

// ---------------------------------------------------------------- events

/// What happened to a watched node, numbers as on the wire.
enum class event_kind : std::int32_t {
  node_created = 1,
  node_deleted = 2,
  node_data_changed = 3,
  node_children_changed = 4,
};

}  // namespace troupe
