#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

api::ErrorCode of_tree(error_code error) {
  using code = api::ErrorCode;
  switch (error) {
  case error_code::bad_arguments:
    return code::BAD_ARGUMENTS;
  case error_code::unimplemented:
    return code::UNIMPLEMENTED;
  case error_code::no_node:
    return code::NO_NODE;
  case error_code::no_auth:
    return code::NO_AUTH;
  case error_code::bad_version:
    return code::BAD_VERSION;
  case error_code::no_children_for_ephemerals:
    return code::NO_CHILDREN_FOR_EPHEMERALS;
  case error_code::node_exists:
    return code::NODE_EXISTS;
  case error_code::not_empty:
    return code::NOT_EMPTY;
  case error_code::session_expired:
    return code::SESSION_EXPIRED;
  case error_code::session_moved:
    return code::SESSION_MOVED;
  case error_code::invalid_acl:
    return code::INVALID_ACL;
  case error_code::auth_failed:
    return code::AUTH_FAILED;
  case error_code::no_watcher:
    return code::NO_WATCHER;
  case error_code::quota_exceeded:
    return code::QUOTA_EXCEEDED;
  case error_code::throttled:
    return code::THROTTLED;
  case error_code::not_read_only:
    return code::NOT_WRITABLE;
  case error_code::not_leader:
    return code::NOT_LEADER;
  case error_code::fenced:
    return code::FENCED;
  case error_code::limit_exceeded:
    return code::LIMIT_EXCEEDED;
  case error_code::decision_failed:
    return code::DECISION_FAILED;
  default:
    return code::SYSTEM_ERROR;
  }
}

api::ErrorCode to_wire(const problem& from) {
  using code = api::ErrorCode;
  switch (from.what) {
  case problem::kind::of_tree:
    return of_tree(from.error);
  case problem::kind::bad_arguments:
    return code::BAD_ARGUMENTS;
  case problem::kind::too_large:
    return code::TOO_LARGE;
  case problem::kind::too_many:
    return code::TOO_MANY;
  case problem::kind::behind:
    return code::BEHIND;
  case problem::kind::session_moved:
    return code::SESSION_MOVED;
  case problem::kind::session_expired:
    return code::SESSION_EXPIRED;
  }
  return code::SYSTEM_ERROR;
}

}  // namespace

void put(api::Stat::Builder into, const stat& from) {
  into.setCzxid(from.czxid.value);
  into.setMzxid(from.mzxid.value);
  into.setCtimeMs(from.ctime_ms);
  into.setMtimeMs(from.mtime_ms);
  into.setVersion(from.version);
  into.setCversion(from.cversion);
  into.setAversion(from.aversion);
  into.setEphemeralOwner(from.ephemeral_owner.value);
  into.setDataLength(from.data_length);
  into.setNumChildren(from.num_children);
  into.setPzxid(from.pzxid.value);
}

void put(api::Error::Builder into, const problem& from, std::string_view path) {
  into.setCode(to_wire(from));
  into.setLimit(from.limit);
  into.setSize(from.size);
  if (!path.empty()) put_text([&](unsigned n) { return into.initPath(n); }, path);
  if (!from.text.empty()) put_text([&](unsigned n) { return into.initMessage(n); }, from.text);
}

problem as_problem(error_code error) {
  problem why;
  why.error = error;
  return why;
}

void put(capnp::List<api::AclEntry>::Builder into, const acl& from) {
  for (unsigned i = 0; i < from.size(); ++i) {
    into[i].setPermissions(from[i].permissions);
    auto who = into[i].initWho();
    who.setScheme(bytes_of(from[i].who.scheme));
    who.setId(bytes_of(from[i].who.id));
  }
}

api::SessionEnd to_wire(session_end cause) {
  switch (cause) {
  case session_end::client:
    return api::SessionEnd::CLIENT;
  case session_end::expired:
    return api::SessionEnd::EXPIRED;
  case session_end::administrator:
    return api::SessionEnd::ADMINISTRATOR;
  case session_end::moved:
    return api::SessionEnd::MOVED;
  }
  return api::SessionEnd::EXPIRED;
}

api::EventKind to_wire(event_kind kind) {
  switch (kind) {
  case event_kind::node_created:
    return api::EventKind::CREATED;
  case event_kind::node_deleted:
    return api::EventKind::DELETED;
  case event_kind::node_data_changed:
    return api::EventKind::DATA_CHANGED;
  case event_kind::node_children_changed:
    return api::EventKind::CHILDREN_CHANGED;
  }
  return api::EventKind::UNKNOWN;
}

}  // namespace troupe::rpc::codec
