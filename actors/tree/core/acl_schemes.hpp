/// What each ACL scheme accepts as an id, and whom it matches (protocol section 8.5).
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::tree {

/// Schemes that may stand in an access control list beside `world` and `auth`. A deployment allows
/// those for which its gateways can make identities.
struct scheme_set {
  bool digest = true;
  bool ip = true;
  bool x509 = false;
  bool sasl = false;
};

/// Whether `id` may stand in a list under `scheme`. False for schemes that are unknown or not
/// allowed, and for `world`, `auth` and `super`, which follow rules of their own.
bool is_valid_id(const scheme_set& allowed, std::string_view scheme, std::string_view id);

/// Whether an identity with this scheme counts as authenticated, so that `auth` stands for it.
bool is_authenticated(std::string_view scheme) noexcept;

/// Whether the connection's id `theirs` is one that the entry's id `wanted` lets in. Both have the
/// same scheme.
bool matches(std::string_view scheme, std::string_view theirs, std::string_view wanted);

}  // namespace troupe::tree
