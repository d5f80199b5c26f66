/// What a snapshot consists of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <troupe/base/acl.hpp>
#include <troupe/base/ids.hpp>
#include <troupe/base/operation.hpp>
#include <troupe/base/time.hpp>

#include "actors/tree/core/session_table.hpp"

namespace troupe::tree {

/// The records of a snapshot, in this order: header, secret, sessions, each with the requests that
/// it remembers, oldest first, then nodes, each after its
/// parent and after the list that it uses, then end.
namespace snapshot {

struct header {
  troupe::zxid zxid;
  std::uint64_t nodes = 0;  ///< so that the loader makes room at once; 0: not said
};
struct secret {
  std::string key;
};
struct session {
  session_id id;
  milliseconds timeout{0};
  last_write newest;
};
/// Numbers have a meaning only within one snapshot.
struct access_list {
  std::uint32_t number = 0;
  acl list;
};
/// The views belong to whoever gives the record.
struct znode {
  std::string_view path;
  node_kind kind = node_kind::persistent;
  std::uint64_t owner_or_ttl = 0;
  zxid czxid, mzxid, pzxid;
  std::int64_t ctime_ms = 0, mtime_ms = 0;
  std::int32_t version = 0, children_created = 0, aversion = 0;
  std::uint32_t acl = 0;
  bool has_data = false;  ///< null data is not empty data
  std::string_view data;
};
struct end {
  std::uint64_t nodes = 0;
  std::uint64_t sessions = 0;
  std::uint64_t digest = 0;
};

struct request {
  session_id session;
  remembered_request what;
};

/// New kinds only at the end: the place is the number in the format.
using record = std::variant<header, secret, session, access_list, znode, end, request>;

}  // namespace snapshot
}  // namespace troupe::tree
