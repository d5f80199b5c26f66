/// The checks and speculative effects of single operations (protocol sections 4.3 to 4.5).
#pragma once

#include <troupe/base/txn.hpp>

#include "actors/tree/core/options.hpp"
#include "actors/tree/core/overlay.hpp"

namespace troupe::tree {

class write_guards;

/// On whose behalf, and against what, an operation is checked.
struct check_context {
  const state& committed;
  const tree_options& options;
  overlay& pending;
  session_id session;  ///< zero: a component of the server; no session is checked
  const identities& who;
  write_guards* guards = nullptr;  ///< asked last; null: nobody is
};

/// Asks the guards of mounts about what nothing else speaks against.
class write_guards {
public:
  virtual ~write_guards() = default;
  virtual error_code ask(const mount_guard::write& what) = 0;
};

/// Each checks `op` in ZooKeeper's order; if it passes, puts its effects into the draft and appends
/// the change to `into`, moving data out of `op`. Returns the first error.
error_code check_and_draft(const check_context& in, create_op& op, std::vector<txn_change>& into);
error_code check_and_draft(const check_context& in, delete_op& op, std::vector<txn_change>& into);
error_code check_and_draft(const check_context& in, set_data_op& op, std::vector<txn_change>& into);
error_code check_and_draft(const check_context& in, set_acl_op& op, std::vector<txn_change>& into);
error_code check_and_draft(const check_context& in, check_op& op, std::vector<txn_change>& into);

/// The node at `path` goes: puts that into the draft.
void draft_deletion(overlay& pending, std::string_view path, node_view&& node);
void draft_deletion(overlay& pending, std::string_view path, node_view&& node, node_view&& parent);

/// Nodes that nobody may delete.
bool is_special(std::string_view path) noexcept;

}  // namespace troupe::tree
