#include "actors/peer/codec/proof.hpp"

#include <array>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <troupe/base/check.hpp>

namespace troupe::peer {
namespace {

/// With its size in front, so that no bytes can move from one text to the next.
void put_text(std::string& to, std::string_view text) {
  for (int shift = 0; shift < 64; shift += 8)
    to.push_back(static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xff));
  to.append(text);
}

}  // namespace

std::string proof_of(std::string_view secret, side who, std::string_view dialers_hello,
                     std::string_view acceptors_hello) {
  std::string message{"troupe peer 1"};
  message.push_back(static_cast<char>(who));
  put_text(message, dialers_hello);
  put_text(message, acceptors_hello);
  // HMAC fills keys up with zeros, so this is the empty key, in a form that the library takes.
  if (secret.empty()) secret = std::string_view{"\0", 1};
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  std::size_t size = 0;
  const auto* made =
      EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(),
                reinterpret_cast<const unsigned char*>(message.data()), message.size(), hash.data(),
                hash.size(), &size);
  TROUPE_CHECK(made && size == proof_bytes, "HMAC-SHA256 is not available");
  return {reinterpret_cast<const char*>(hash.data()), size};
}

bool same_proof(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace troupe::peer
