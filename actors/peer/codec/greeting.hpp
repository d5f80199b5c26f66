/// What two servers say to each other before there is a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>
#include <troupe/roles/peer.hpp>

namespace troupe::peer {

using role::peer::channel;

/// Versions of the protocol on a link that this program speaks.
inline constexpr std::uint16_t least_version = 1, newest_version = 1;

inline constexpr std::size_t nonce_bytes = 32;

struct hello {
  std::uint16_t least_version = peer::least_version;
  std::uint16_t newest_version = peer::newest_version;
  server_id from, to;
  peer::channel channel = peer::channel::election;
  bool has_secret = false;
  std::uint64_t instance = 0;  ///< of the process: random, another one after every start
  std::string nonce;           ///< `nonce_bytes` random bytes
  bool operator==(const hello&) const = default;
};

enum class refusal_reason : std::uint8_t {
  version,         ///< no version in common
  wrong_server,    ///< not the one who was meant
  not_a_member,    ///< of the same deployment
  same_id,         ///< two servers have one id
  wrong_secret,    ///< the proof does not hold
  secret_missing,  ///< one of the two has a secret and the other has none
  not_ready,       ///< nobody uses the channel there yet; try again
};
inline constexpr std::size_t refusal_reasons = 7;

struct refusal {
  refusal_reason reason = refusal_reason::not_ready;
  std::uint16_t least_version = peer::least_version;
  std::uint16_t newest_version = peer::newest_version;
  server_id server;  ///< who refuses
  bool operator==(const refusal&) const = default;
};

std::string encode(const hello& what);
std::string encode(const refusal& what);
/// Nothing if the bytes are not a greeting that this version understands completely.
std::optional<hello> decode_hello(std::string_view bytes);
std::optional<refusal> decode_refusal(std::string_view bytes);

}  // namespace troupe::peer
