/// The multi of the native protocol, done in the prepare stage.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/tree/core/checks.hpp"
#include "actors/tree/core/decision_run.hpp"

namespace troupe::tree {

/// Does the steps of one script on behalf of its caller, whose permissions hold. Drafts what
/// passes, appends the changes, and says for each step what its result will be.
class script_run {
public:
  /// Appends to `into`; all must outlive it.
  script_run(const check_context& in, std::vector<txn_change>& into)
      : in_(in), into_(into), before_(into.size()),
        view_(in.committed, in.options, in.pending, into) {}

  /// The first error. Over its budget of accesses it is `limit_exceeded`.
  error_code run(script_op& script);

  /// Whether anything is different afterwards.
  [[nodiscard]] bool changes_something() const;
  /// For the transaction.
  [[nodiscard]] std::vector<change::answered::result>& told() noexcept { return told_; }
  /// The results as far as they are known beforehand: all if nothing is changed; if it is refused,
  /// those up to the step that was, which has the error.
  [[nodiscard]] std::vector<write_result>& results() noexcept { return results_; }

private:
  error_code run(std::vector<script_step>& steps, std::size_t depth);
  error_code step(create_op& op);
  error_code step(delete_op& op);
  error_code step(set_data_op& op);
  error_code step(set_acl_op& op);
  error_code step(check_op& op);
  error_code step(check_absent_op& op);
  error_code step(create_if_absent_op& op);
  error_code step(create_with_parents_op& op);
  error_code step(delete_tree_op& op);
  error_code step(add_op& op);
  error_code step(guard_op& op);
  error_code choose(choose_op& op, std::size_t depth);

  error_code test(const script_step& condition);
  error_code test(const check_op& op);
  error_code test(const check_absent_op& op);
  error_code test(const guard_op& op);
  [[nodiscard]] bool may_read(std::string_view path) {
    return view_.allows(path, permission_read, in_.who);
  }

  /// Everything at and below `path`, parents first; `limit_exceeded` if that is more than `most`.
  error_code collect(std::string_view path, std::size_t most, std::vector<std::string>& into);
  /// The step is done: its result is that of the newest change.
  error_code done(std::int64_t number = 0);
  /// The step has only looked at this node.
  error_code seen(std::string path);
  /// The step has no change of its own.
  error_code noted(std::int64_t number, std::string path = {});

  const check_context& in_;
  std::vector<txn_change>& into_;
  const std::size_t before_;  ///< so many changes are not of this script
  decision_run view_;
  std::vector<change::answered::result> told_;
  std::vector<write_result> results_;
  write_result refused_;  ///< what is to be told beside the error
};

}  // namespace troupe::tree
