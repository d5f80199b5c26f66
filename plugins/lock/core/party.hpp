/// Who claims a lock, and how its nodes are found again.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace locks {

/// One who holds or waits: a session, and what the caller calls its thread or actor in it. Two
/// claims of one party never stand in each other's way.
struct party {
  troupe::session_id session;
  std::string owner;
  auto operator<=>(const party&) const = default;
};

/// The first half of the id in the names of a party's nodes: the same for all of them. Its 13th
/// digit tells them from the random ids that other clients draw.
std::string party_digits(const party& who);

/// The id in the name of the node that a request makes: a retry of the same request finds it.
/// `part` tells several nodes of one request apart.
std::string claim_id(const party& who, std::uint64_t request, std::uint32_t part = 0);

/// Whether the id, of 32 digits, is one of this party's.
inline bool made_by(std::string_view id, std::string_view digits) noexcept {
  return id.starts_with(digits);
}
/// Whether an id is one of ours at all.
inline bool is_native(std::string_view id) noexcept { return id.size() == 32 && id[12] == '8'; }

}  // namespace locks
