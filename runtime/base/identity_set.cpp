#include <troupe/base/identity_set.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <troupe/base/check.hpp>

namespace troupe {

std::string digest_id(std::string_view user_and_password) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  unsigned int hash_bytes = 0;
  const int hashed = EVP_Digest(user_and_password.data(), user_and_password.size(), hash.data(),
                                &hash_bytes, EVP_sha1(), nullptr);
  TROUPE_CHECK(hashed == 1 && hash_bytes == hash.size(), "OpenSSL must offer SHA-1");
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> text{};
  const int length = EVP_EncodeBlock(text.data(), hash.data(), static_cast<int>(hash.size()));
  std::string id{user_and_password.substr(0, user_and_password.find(':'))};
  id.push_back(':');
  id.append(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length));
  return id;
}

namespace {

std::size_t bytes_of(const identity& one) { return one.scheme.size() + one.id.size(); }

}  // namespace

identity_set::identity_set(std::string address)
    : current_(
          std::make_shared<const std::vector<identity>>(1, identity{"ip", std::move(address)})),
      bytes_(bytes_of(current_->front())) {}

identity_set::outcome identity_set::authenticate(const std::optional<std::string>& scheme,
                                                 const std::optional<std::string>& data,
                                                 std::string_view super_digest) {
  if (scheme == "ip") return outcome::accepted;  // the address is an identity from the start
  if (scheme != "digest" || !data) return outcome::refused;
  auto id = digest_id(*data);
  const bool super = !super_digest.empty() && id == super_digest;
  const bool fits = (!super || add({"super", ""})) && add({"digest", std::move(id)});
  return fits ? outcome::accepted : outcome::too_many;
}

bool identity_set::add(identity one) {
  if (std::find(current_->begin(), current_->end(), one) != current_->end()) return true;
  if (current_->size() >= most || bytes_ + bytes_of(one) > most_bytes) return false;
  bytes_ += bytes_of(one);
  auto grown = *current_;
  grown.push_back(std::move(one));
  current_ = std::make_shared<const std::vector<identity>>(std::move(grown));
  return true;
}

}  // namespace troupe
