/// Access control: who may do what (protocol sections 8.2 and 8.4).
#pragma once

#include <cstdint>
#include <optional>

#include <troupe/base/acl.hpp>

#include "actors/tree/core/acl_schemes.hpp"

namespace troupe::tree {

/// Whether somebody with the identities `who` (null: none) has at least one of the permissions
/// `wanted` under `list`. An empty list allows everything, and so does an identity of scheme super.
bool is_allowed(const acl& list, std::int32_t wanted, const identities& who);

/// The permissions that `is_allowed` grants whoever asks.
std::int32_t allowed_to_anyone(const acl& list);

/// The list as it is stored: duplicates removed, `auth` replaced by the caller's authenticated
/// identities. Nothing if the list is not valid. The order of first appearance is kept, so equal
/// requests give equal lists.
std::optional<acl> fix_up(acl list, const identities& who, const scheme_set& allowed);

/// The list as somebody without ADMIN may see it: hashes of digest entries are replaced by "x".
acl masked(const acl& list);

}  // namespace troupe::tree
