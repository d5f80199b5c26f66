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
    txn_kind operator()(const script_op&) const { return txn_kind::multi; }
    txn_kind operator()(const decide_op&) const { return txn_kind::multi; }
  } kinds;
  return std::visit(kinds, op);
}

std::size_t results_of(const write_op& op) noexcept {
  const auto* multi = std::get_if<multi_op>(&op);
  return multi ? multi->items.size() : 1;
}

std::size_t results_of(const txn& decided) noexcept {
  if (decided.kind != txn_kind::multi) return 1;
  std::size_t results = 0;
  for (const auto& change : decided.changes) {
    if (const auto* told = std::get_if<change::answered>(&change); told && !told->results.empty())
      return told->results.size();
    if (!std::holds_alternative<change::answered>(change) &&
        !std::holds_alternative<change::set_secret>(change))
      ++results;
  }
  return results;
}

}  // namespace troupe
