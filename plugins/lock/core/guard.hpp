/// What clients of other makes may write below a mount.
#pragma once

#include <optional>
#include <string>

#include <troupe/base/decision.hpp>

#include "core/acquire.hpp"

namespace locks {

/// Keeps nodes that the mount's dialect does not know away from its locks, so that a client that
/// speaks another one fails at once instead of believing that it holds the lock: whatever is
/// ephemeral or sequential must have a name of the dialect, and whatever else is made must not
/// stand below a lock that is in use. It also refuses a second claim on a lock within one
/// transaction, because both would have the same token.
class dialect_guard final : public troupe::mount_guard {
public:
  explicit dialect_guard(mount_rules rules);
  [[nodiscard]] std::optional<std::string> objection(troupe::tree_view& tree,
                                                     const write& what) const override;
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

private:
  [[nodiscard]] std::optional<std::string> check_claim(troupe::tree_view& tree,
                                                       const write& what) const;

  const mount_rules rules_;
  const std::string name_;
};

std::string_view to_string(dialect how) noexcept;

}  // namespace locks
