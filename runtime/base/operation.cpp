#include <troupe/base/operation.hpp>

#include <troupe/base/txn.hpp>

namespace troupe {

std::string_view to_string(close_cause cause) noexcept {
  switch (cause) {
  case close_cause::client:
    return "client";
  case close_cause::expired:
    return "expired";
  case close_cause::administrator:
    return "administrator";
  }
  return "unknown";
}

txn_kind kind_of(const write_op& op) noexcept {
  struct {
    txn_kind operator()(const create_op&) const { return txn_kind::create; }
    txn_kind operator()(const delete_op&) const { return txn_kind::remove; }
    txn_kind operator()(const set_data_op&) const { return txn_kind::set_data; }
    txn_kind operator()(const set_acl_op&) const { return txn_kind::set_acl; }
    txn_kind operator()(const multi_op&) const { return txn_kind::multi; }
    txn_kind operator()(const create_session_op&) const { return txn_kind::create_session; }
    txn_kind operator()(const close_session_op&) const { return txn_kind::close_session; }
    txn_kind operator()(const sync_op&) const { return txn_kind::create; }
  } kinds;
  return std::visit(kinds, op);
}

}  // namespace troupe
