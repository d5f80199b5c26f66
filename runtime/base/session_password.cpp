#include <troupe/base/session_password.hpp>

#include <limits>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <troupe/base/check.hpp>

namespace troupe {

std::string session_password(std::string_view secret, session_id session) {
  unsigned char id[8];
  for (int i = 0; i < 8; ++i)
    id[i] = static_cast<unsigned char>(session.value >> (56 - 8 * i));
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  TROUPE_CHECK(secret.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
               "the key of session passwords is short");
  const auto* made =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), id, sizeof id, mac, &size);
  TROUPE_CHECK(made != nullptr && size >= session_password_size, "HMAC-SHA256 is not available");
  return {reinterpret_cast<const char*>(mac), session_password_size};
}

bool is_session_password(std::string_view secret, session_id session, std::string_view password) {
  const auto right = session_password(secret, session);
  return password.size() == right.size() &&
         CRYPTO_memcmp(password.data(), right.data(), right.size()) == 0;
}

}  // namespace troupe
