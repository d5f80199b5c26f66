#include "core/party.hpp"

namespace locks {

namespace {

/// FNV-1a with a final mix. It never changes: names made by one version are found by the next.
class hash {
public:
  hash& add(std::uint64_t number) noexcept {
    for (int i = 0; i < 8; ++i)
      byte(static_cast<unsigned char>(number >> (8 * i)));
    return *this;
  }
  hash& add(std::string_view text) noexcept {
    for (const auto c : text)
      byte(static_cast<unsigned char>(c));
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 33)) * 0xff51afd7ed558ccdull;
    mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53ull;
    return mixed ^ (mixed >> 33);
  }

private:
  void byte(unsigned char c) noexcept { state_ = (state_ ^ c) * 0x100000001b3ull; }
  std::uint64_t state_ = 0xcbf29ce484222325ull;
};

std::string hexadecimal(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (auto c = text.rbegin(); c != text.rend(); ++c, number >>= 4)
    *c = digits[number & 15];
  return text;
}

}  // namespace

std::string party_digits(const party& who) {
  auto digits = hexadecimal(hash{}.add(who.session.value).add(who.owner).value());
  digits[12] = '8';
  return digits;
}

std::string claim_id(const party& who, std::uint64_t request, std::uint32_t part) {
  return party_digits(who) + hexadecimal(hash{}.add(request).add(part).value());
}

}  // namespace locks
