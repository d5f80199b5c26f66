#include <troupe/base/session_password.hpp>

#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <troupe/base/check.hpp>

namespace troupe {
namespace {

/// HMAC-SHA256 with one key. Setting it up costs five times as much as using it, so it is kept.
class keyed_hash {
public:
  explicit keyed_hash(std::string_view key) : key_(key) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac{
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
    if (hmac) context_.reset(EVP_MAC_CTX_new(hmac.get()));
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
        OSSL_PARAM_construct_end()};
    TROUPE_CHECK(context_ && EVP_MAC_init(context_.get(),
                                          reinterpret_cast<const unsigned char*>(key_.data()),
                                          key_.size(), parameters.data()) == 1,
                 "HMAC-SHA256 is not available");
  }

  [[nodiscard]] bool has_key(std::string_view key) const noexcept { return key_ == key; }

  std::string of(const std::array<unsigned char, 8>& message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    std::size_t size = 0;
    // Without a key, the one that it has is used again.
    const bool made = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(context_.get(), message.data(), message.size()) == 1 &&
                      EVP_MAC_final(context_.get(), hash.data(), &size, hash.size()) == 1;
    TROUPE_CHECK(made && size >= session_password_size, "HMAC-SHA256 is not available");
    return {reinterpret_cast<const char*>(hash.data()), session_password_size};
  }

private:
  std::string key_;
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context_{nullptr, EVP_MAC_CTX_free};
};

}  // namespace

std::string session_password(std::string_view secret, session_id session) {
  // A deployment has one key for ever, so the last one used is the next.
  thread_local std::unique_ptr<keyed_hash> last;
  if (!last || !last->has_key(secret)) last = std::make_unique<keyed_hash>(secret);
  std::array<unsigned char, 8> id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    id[i] = static_cast<unsigned char>(session.value >> (56 - 8 * i));
  return last->of(id);
}

bool is_session_password(std::string_view secret, session_id session, std::string_view password) {
  const auto right = session_password(secret, session);
  return password.size() == right.size() &&
         CRYPTO_memcmp(password.data(), right.data(), right.size()) == 0;
}

}  // namespace troupe
