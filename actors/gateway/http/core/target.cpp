#include "actors/gateway/http/core/target.hpp"

#include <charconv>

namespace troupe::http {
namespace {

/// In arguments a plus sign is a blank; in paths it is itself.
bool decode(std::string_view text, bool plus_is_blank, std::string& into) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      into += ' ';
    } else if (text[i] != '%') {
      into += text[i];
    } else {
      if (i + 2 >= text.size()) return false;
      unsigned byte = 0;
      const auto* from = text.data() + i + 1;
      const auto read = std::from_chars(from, from + 2, byte, 16);
      if (read.ec != std::errc{} || read.ptr != from + 2) return false;
      into += static_cast<char>(byte);
      i += 2;
    }
  }
  return true;
}

}  // namespace

std::optional<target> parse_target(std::string_view text) {
  target found;
  text = text.substr(0, text.find('#'));
  const auto question = text.find('?');
  if (!text.starts_with('/') || !decode(text.substr(0, question), false, found.path)) {
    return std::nullopt;
  }
  if (question == std::string_view::npos) return found;
  auto rest = text.substr(question + 1);
  while (!rest.empty()) {
    const auto one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (one.empty()) continue;
    const auto equals = one.find('=');
    auto& [name, value] = found.arguments.emplace_back();
    const bool sound =
        decode(one.substr(0, equals), true, name) &&
        (equals == std::string_view::npos || decode(one.substr(equals + 1), true, value));
    if (!sound) return std::nullopt;
  }
  return found;
}

}  // namespace troupe::http
