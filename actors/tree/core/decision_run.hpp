/// What a decision is given while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/decision.hpp>
#include <troupe/base/txn.hpp>

#include "actors/tree/core/options.hpp"
#include "actors/tree/core/overlay.hpp"

namespace troupe::tree {

/// What a creation adds to a transaction, about: its path, data and access control list.
std::size_t bytes_of(const create_op& op) noexcept;

/// Lets one decision see the tree with everything in flight, and turns what it does into changes of
/// the draft: by the same checks as every write, but as the server itself. Counts what is looked
/// at. Scripts and guards of mounts see the tree by it, too.
class decision_run final : public decision_tree {
public:
  /// Appends to `into`. All must outlive it; the draft belongs to the caller.
  decision_run(const state& committed, const tree_options& options, overlay& pending,
               std::vector<txn_change>& into)
      : committed_(committed), options_(options), pending_(pending), into_(into) {}

  std::optional<node_facts> node(std::string_view path) override;
  std::vector<std::string> children(std::string_view path) override;
  bool is_open(session_id session) override;
  bool allows(std::string_view path, std::int32_t wanted, const identities& who) override;
  [[nodiscard]] zxid next_zxid() const override { return pending_.draft_at(); }
  [[nodiscard]] wall_time now() const override { return pending_.draft_time(); }

  created create(create_op op, session_id owner) override;
  error_code remove(std::string_view path, std::int32_t version) override;
  error_code set_data(std::string_view path, blob data, std::int32_t version) override;

  /// Counts accesses; over the budget, throws.
  void spend(std::size_t accesses);
  /// Counts what is to be written, or kept meanwhile; over `most_bytes`, throws. So a transaction
  /// stays far below what a link to another server carries.
  void spend_bytes(std::size_t bytes);
  /// Whether the budget was ever exceeded, whatever became of the exception.
  [[nodiscard]] bool exceeded() const noexcept { return exceeded_; }

private:
  template <class Op>
  error_code draft(Op& op, session_id owner);

  const state& committed_;
  const tree_options& options_;
  overlay& pending_;
  std::vector<txn_change>& into_;
  std::size_t accesses_ = 0, bytes_ = 0;
  bool exceeded_ = false;
};

}  // namespace troupe::tree
