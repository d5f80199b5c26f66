/// The operations that clients and components ask for, free of any wire format.
#pragma once

#include <cstdint>
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

using write_op = std::variant<create_op, delete_op, set_data_op, set_acl_op, multi_op,
                              create_session_op, close_session_op, sync_op>;

/// What became of one operation of a write. `path` and `stat` are set where the operation gives
/// them: create (final path and Stat), set_data and set_acl (Stat), sync (path).
struct write_result {
  error_code error = error_code::ok;
  std::string path;
  troupe::stat stat;
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
