/// Who a connection is (protocol sections 8.3 and 8.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/acl.hpp>

namespace troupe {

/// The id of a digest identity: the user, a colon, and the Base64 form of SHA-1 over all of
/// `user_and_password`. The user ends at the first colon.
std::string digest_id(std::string_view user_and_password);

/// The identities of one connection. They only ever grow, to at most `most` with at most
/// `most_bytes` of names, which travel with every request to the tree and stay in its ACLs; each
/// request carries
/// those of the moment when it stood in the stream, which is why they are shared and never changed
/// in place.
class identity_set {
public:
  static constexpr std::size_t most = 64;
  static constexpr std::size_t most_bytes = 16 * 1024;
  enum class outcome : std::uint8_t { accepted, refused, too_many };

  /// Begins with the address of the peer, as text.
  explicit identity_set(std::string address);

  /// Takes an auth packet. Unless it is accepted the connection must end: `refused` if the scheme
  /// is not known here or has no data to work with, `too_many` if the identity is new and there is
  /// no room for it. `super_digest` is the digest id of the super user, if any.
  outcome authenticate(const std::optional<std::string>& scheme,
                       const std::optional<std::string>& data, std::string_view super_digest);

  [[nodiscard]] const identities& current() const noexcept { return current_; }

private:
  /// False if it is new and there is no room for it.
  bool add(identity one);

  identities current_;
  std::size_t bytes_;  ///< of all schemes and ids
};

}  // namespace troupe
