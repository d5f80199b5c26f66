/// Showing that one knows a secret without telling it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::peer {

inline constexpr std::size_t proof_bytes = 32;

/// Which end of a connection: so that no proof can be sent back as one's own.
enum class side : char { dialed = 'D', accepted = 'A' };

/// HMAC-SHA256 under `secret` over the end that proves and the bytes of both greetings. Each has a
/// nonce of its own, so a proof is good for one connection only. An empty secret is one that
/// everybody knows: the proof still shows that the other end has seen this greeting.
std::string proof_of(std::string_view secret, side who, std::string_view dialers_hello,
                     std::string_view acceptors_hello);

/// Whether two proofs are equal. The time it takes does not tell how much of them is.
bool same_proof(std::string_view a, std::string_view b) noexcept;

}  // namespace troupe::peer
