/// Recipes that keep plain clients from breaking what they rely on.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/decision.hpp>

#include "actors/tree/core/checks.hpp"

namespace troupe::tree {

/// What a person should hear about code that recipes brought here.
struct complaint {
  enum class kind : std::uint8_t { decision_failed, guard_objected, guard_failed };
  kind what = kind::decision_failed;
  std::string name;  ///< of the decision or guard
  std::string reason;
  session_id session;
  std::string path;  ///< of a write that was refused
};

/// The guards by their mounts, and what they said.
class mount_guards final : public write_guards {
public:
  mount_guards(const state& committed, const tree_options& options, overlay& pending)
      : committed_(committed), options_(options), pending_(pending) {}

  /// Null: the mount has none any more.
  void set(std::string mount, std::shared_ptr<const mount_guard> guard);
  [[nodiscard]] bool empty() const noexcept { return guards_.empty(); }
  error_code ask(const mount_guard::write& what) override;

  void complain(complaint about);
  /// Since the last call; not more than the limit, the rest was dropped.
  [[nodiscard]] std::vector<complaint> take_complaints() { return std::exchange(complaints_, {}); }
  static constexpr std::size_t most_complaints = 64;

private:
  error_code ask(const mount_guard& guard, const mount_guard::write& what);

  const state& committed_;
  const tree_options& options_;
  overlay& pending_;
  std::map<std::string, std::shared_ptr<const mount_guard>, std::less<>> guards_;
  std::vector<complaint> complaints_;
};

}  // namespace troupe::tree
