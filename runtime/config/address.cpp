#include <algorithm>

#include "runtime/config/diagnostic.hpp"
#include "runtime/config/scalars.hpp"

namespace troupe::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_';
}

bool is_v6_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), is_host_character);
}

bool is_v6_literal(std::string_view host) {
  const auto zone = host.find('%');
  const auto number = host.substr(0, zone);
  return std::count(number.begin(), number.end(), ':') >= 2 && host.size() <= 100 &&
         std::all_of(number.begin(), number.end(), is_v6_character) &&
         (zone == std::string_view::npos || is_host(host.substr(zone + 1)));
}

complaint no_address(std::string_view text) {
  if (is_v6_literal(text) && text.find('.') == std::string_view::npos) {
    return {quoted(text) + " is not an address", "write IPv6 addresses in brackets: [::1]:2181"};
  }
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    return {quoted(text) + " is not an address: the host is missing",
            "write 0.0.0.0:" + std::string(text) + " for all interfaces"};
  }
  if (text.starts_with(':') || text.starts_with("*:")) {
    return {quoted(text) + " is not an address: the host is missing",
            "write 0.0.0.0" + std::string(text.substr(text.find(':'))) + " for all interfaces"};
  }
  if (is_host(text) || (text.starts_with('[') && text.ends_with(']'))) {
    return {quoted(text) + " is not an address: the port is missing",
            "write host:port, such as " + std::string(text) + ":2181"};
  }
  return {quoted(text) + " is not an address", "write host:port, such as 0.0.0.0:2181"};
}

}  // namespace

parsed<sdk::address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return no_address(text);
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!is_v6_literal(host)) return no_address(text);
  } else if (!is_host(host)) {
    return no_address(text);
  }
  const auto number = parse_integer(port);
  if (!number.value || *number.value < 0 || *number.value > 65535) {
    return complaint{quoted(port) + " is not a port", "ports go from 0 to 65535"};
  }
  return sdk::address{std::string(host), static_cast<std::uint16_t>(*number.value)};
}

}  // namespace troupe::config
