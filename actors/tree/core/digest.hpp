/// The digest of the replicated state: equal states, and in practice only equal states, have equal
/// digests. It is a sum of hashes, one for each part, so it can be kept up to date by subtracting
/// the old hash of what changes and adding the new one, and does not depend on any order.
#pragma once

#include <cstdint>
#include <string_view>

#include "actors/tree/core/node_store.hpp"
#include "actors/tree/core/request_window.hpp"

namespace troupe::tree {

/// Binds the parts of a node's hash to its place.
std::uint64_t place_hash(std::string_view path) noexcept;
/// Everything of a node but its data. `acl_hash` stands for its access control list.
std::uint64_t fields_hash(std::uint64_t place, const node_store& nodes, const node& which,
                          std::uint64_t acl_hash) noexcept;
/// A node's data; a part of its own, so that long data is not hashed when a field changes.
std::uint64_t data_hash(std::uint64_t place, std::string_view data, bool is_null) noexcept;
std::uint64_t session_hash(session_id session, milliseconds timeout) noexcept;
/// What a session remembers of one request.
std::uint64_t request_hash(session_id session, const remembered_request& one) noexcept;
std::uint64_t secret_hash(std::string_view secret) noexcept;

}  // namespace troupe::tree
