#include <troupe/base/error_code.hpp>

namespace troupe {

std::string_view to_string(error_code code) noexcept {
  switch (code) {
  case error_code::ok:
    return "OK";
  case error_code::system_error:
    return "SYSTEMERROR";
  case error_code::runtime_inconsistency:
    return "RUNTIMEINCONSISTENCY";
  case error_code::marshalling_error:
    return "MARSHALLINGERROR";
  case error_code::unimplemented:
    return "UNIMPLEMENTED";
  case error_code::operation_timeout:
    return "OPERATIONTIMEOUT";
  case error_code::bad_arguments:
    return "BADARGUMENTS";
  case error_code::new_config_no_quorum:
    return "NEWCONFIGNOQUORUM";
  case error_code::reconfig_in_progress:
    return "RECONFIGINPROGRESS";
  case error_code::no_node:
    return "NONODE";
  case error_code::no_auth:
    return "NOAUTH";
  case error_code::bad_version:
    return "BADVERSION";
  case error_code::no_children_for_ephemerals:
    return "NOCHILDRENFOREPHEMERALS";
  case error_code::node_exists:
    return "NODEEXISTS";
  case error_code::not_empty:
    return "NOTEMPTY";
  case error_code::session_expired:
    return "SESSIONEXPIRED";
  case error_code::invalid_acl:
    return "INVALIDACL";
  case error_code::auth_failed:
    return "AUTHFAILED";
  case error_code::session_moved:
    return "SESSIONMOVED";
  case error_code::not_read_only:
    return "NOTREADONLY";
  case error_code::ephemeral_on_local_session:
    return "EPHEMERALONLOCALSESSION";
  case error_code::no_watcher:
    return "NOWATCHER";
  case error_code::reconfig_disabled:
    return "RECONFIGDISABLED";
  case error_code::session_closed_require_auth:
    return "SESSIONCLOSEDREQUIRESASLAUTH";
  case error_code::quota_exceeded:
    return "QUOTAEXCEEDED";
  case error_code::throttled:
    return "THROTTLEDOP";
  case error_code::not_leader:
    return "NOTLEADER";
  case error_code::fenced:
    return "FENCED";
  case error_code::limit_exceeded:
    return "LIMITEXCEEDED";
  case error_code::decision_failed:
    return "DECISIONFAILED";
  }
  return "UNKNOWN";
}

}  // namespace troupe
