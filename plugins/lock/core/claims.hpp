/// The claims on one lock, in their order, and who of them holds it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/decision.hpp>

#include "core/dialect.hpp"
#include "core/party.hpp"
#include "core/refusal.hpp"

namespace locks {

/// One node below a lock.
struct claim {
  std::string name;
  claim_name parsed;
  bool holds = false;
};

/// Who has a lock at one moment: the fencing token is the zxid that created the holder's node.
struct holder {
  std::string name;
  troupe::zxid token;
  troupe::session_id session;
};

/// All claims on the lock at a path. Only names are looked at, so that a lock with many waiters
/// costs one access; nodes are asked where a token is needed.
class claims {
public:
  /// Refuses a lock below which there are nodes of another dialect, and one whose claims do not fit
  /// together with `kind`, if that is given: who is the holder would depend on who is asked.
  static answer_or_refusal<claims> read(troupe::decision_tree& tree, dialect how,
                                        std::string_view path, std::optional<claim_kind> kind = {});

  /// In the order in which they get their turn.
  [[nodiscard]] const std::vector<claim>& all() const noexcept { return all_; }
  /// Whether a claim that comes now would hold at once.
  [[nodiscard]] bool free_for(claim_kind kind) const noexcept;
  /// The claim with this id; null if there is none.
  [[nodiscard]] const claim* find(std::string_view id) const noexcept;
  /// The holders with their tokens.
  [[nodiscard]] std::vector<holder> holders(troupe::decision_tree& tree) const;
  /// The holder with this token, if there is one.
  [[nodiscard]] std::optional<holder> holder_of(troupe::decision_tree& tree,
                                                troupe::zxid token) const;

private:
  void mark_holders();

  std::string path_;
  std::vector<claim> all_;
};

/// "/locks/a" + "x" = "/locks/a/x".
std::string below(std::string_view path, std::string_view name);

}  // namespace locks
