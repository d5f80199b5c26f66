/// What a native client asks for, and what becomes of it, free of any wire format.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe::rpc {

/// How new what a read sees must be.
struct freshness {
  enum class kind : std::uint8_t {
    local,     ///< what this server has applied
    at_least,  ///< a zxid
    max_lag,   ///< everything that was answered so long ago; zero: linearizable
  };
  kind what = kind::local;
  zxid wanted;
  nanoseconds lag{0};
};

/// A page of the children of a node, in the order of their names.
struct list_op {
  std::string path;
  std::string prefix;       ///< of the names
  std::string after;        ///< names behind this one
  std::uint32_t limit = 0;  ///< at least one
  bool stats = false;
  bool data = false;
};

/// What went wrong, with the fields that it has.
struct problem {
  enum class kind : std::uint8_t {
    of_tree,         ///< see `error`
    bad_arguments,   ///< the text says what is wrong
    too_large,       ///< `size` bytes over `limit`
    too_many,        ///< `size` of them over `limit`
    behind,          ///< this server has only `limit`, a zxid
    session_moved,   ///< it goes on in another connection
    session_expired  ///< it is gone
  };
  kind what = kind::of_tree;
  error_code error = error_code::ok;
  std::uint64_t limit = 0;
  std::uint64_t size = 0;
  std::string text;  ///< for people; may be empty
};

/// One operation of a batch; a problem if it cannot even be tried.
struct operation {
  std::variant<write_op, read_op, list_op, problem> what;
  freshness how_new;
  std::uint64_t request_id = 0;  ///< of a write, for retries
};

/// A page of children.
struct name_page {
  std::vector<std::string> names;
  bool more = false;
  troupe::stat parent;
  /// Of each name, if stats or data were asked for; names of deleted nodes are gone from both.
  std::vector<read_result> nodes;
};

/// What became of an operation; `at` is the state that it shows.
struct outcome {
  zxid at;
  std::variant<std::monostate, problem, std::vector<write_result>, read_result, name_page> what;
};

/// A batch with an outcome for each of its operations.
struct finished_batch {
  zxid at;                   ///< the newest of all
  std::uint64_t events = 0;  ///< told to the session's watcher before
  std::vector<outcome> outcomes;
};

/// A watch that fired.
struct event {
  event_kind kind = event_kind::node_created;
  std::string path;
  zxid at;
};

}  // namespace troupe::rpc
