#include "actors/tree/core/acl_schemes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include <arpa/inet.h>

namespace troupe::tree {
namespace {

/// An address, 4 or 16 bytes, and how many of its bits count.
struct ip_range {
  std::vector<unsigned char> bytes;
  std::size_t bits = 0;
};

std::optional<std::vector<unsigned char>> parse_address(std::string_view text) {
  const std::string copy{text};
  unsigned char bytes[16];
  if (inet_pton(AF_INET, copy.c_str(), bytes) == 1) return std::vector(bytes, bytes + 4);
  if (inet_pton(AF_INET6, copy.c_str(), bytes) == 1) return std::vector(bytes, bytes + 16);
  return std::nullopt;
}

std::optional<ip_range> parse_range(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  std::size_t bits = address->size() * 8;
  if (slash != std::string_view::npos) {
    const auto number = text.substr(slash + 1);
    const auto* end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, bits);
    if (error != std::errc{} || stop != end || bits > address->size() * 8) return std::nullopt;
  }
  return ip_range{*std::move(address), bits};
}

bool is_in_range(std::string_view theirs, std::string_view wanted) {
  const auto address = parse_range(theirs);
  const auto range = parse_range(wanted);
  if (!address || !range || address->bytes.size() != range->bytes.size()) return false;
  const auto whole = range->bits / 8, rest = range->bits % 8;
  if (!std::equal(range->bytes.begin(), range->bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address->bytes.begin()))
    return false;
  return rest == 0 || ((range->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

/// `user:hash`: one colon, where colons at the very end do not count (as in ZooKeeper).
bool is_digest_id(std::string_view id) {
  while (id.ends_with(':'))
    id.remove_suffix(1);
  return std::count(id.begin(), id.end(), ':') == 1;
}

/// A Kerberos principal: `name`, or `name@realm`, or `name/host@realm`.
bool is_principal(std::string_view id) {
  const auto at = id.find('@');
  if (at == std::string_view::npos) return true;
  const auto name = id.substr(0, at), realm = id.substr(at + 1);
  return std::count(name.begin(), name.end(), '/') <= 1 &&
         realm.find_first_of("@/") == std::string_view::npos;
}

/// One `type=value` of a distinguished name: a keyword or dotted number before the sign.
bool is_name_part(std::string_view part) {
  const auto first = part.find_first_not_of(' ');
  const auto sign = part.find('=');
  if (first == std::string_view::npos || sign == std::string_view::npos || sign <= first)
    return false;
  return std::all_of(part.begin() + static_cast<std::ptrdiff_t>(first),
                     part.begin() + static_cast<std::ptrdiff_t>(sign), [](unsigned char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ' ';
                     });
}

/// A distinguished name in the manner of RFC 2253: parts between separators that are neither
/// escaped nor quoted.
bool is_distinguished_name(std::string_view id) {
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] == '\\') {
      if (++i == id.size()) return false;
    } else if (id[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (id[i] == ',' || id[i] == ';' || id[i] == '+')) {
      if (!is_name_part(id.substr(start, i - start))) return false;
      start = i + 1;
    }
  }
  return !quoted && is_name_part(id.substr(start));
}

}  // namespace

bool is_valid_id(const scheme_set& allowed, std::string_view scheme, std::string_view id) {
  if (scheme == "digest") return allowed.digest && is_digest_id(id);
  if (scheme == "ip") return allowed.ip && parse_range(id).has_value();
  if (scheme == "x509") return allowed.x509 && is_distinguished_name(id);
  if (scheme == "sasl") return allowed.sasl && is_principal(id);
  return false;
}

bool is_authenticated(std::string_view scheme) noexcept {
  return scheme == "digest" || scheme == "sasl" || scheme == "x509";
}

bool matches(std::string_view scheme, std::string_view theirs, std::string_view wanted) {
  if (scheme == "ip") return is_in_range(theirs, wanted);
  if (scheme == "sasl" && theirs == "super") return true;
  return is_authenticated(scheme) && theirs == wanted;
}

}  // namespace troupe::tree
