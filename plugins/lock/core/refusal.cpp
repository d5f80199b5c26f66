#include "core/refusal.hpp"

#include <array>

namespace locks {

std::string_view to_string(refusal_kind kind) noexcept {
  constexpr std::array<std::string_view, 14> names{
      "busy",       "timed_out",    "cancelled",  "session_lost",  "not_held",
      "wrong_kind", "foreign_node", "deadlock",   "wrong_permits", "over_limit",
      "bad_path",   "bad_request",  "not_leader", "failed"};
  const auto at = static_cast<std::size_t>(kind);
  return at < names.size() ? names[at] : "unknown";
}

}  // namespace locks
