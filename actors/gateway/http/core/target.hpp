/// What a request line asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// A path and the arguments behind its question mark, both decoded.
struct target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> arguments;
};

/// Takes `/path?name=value&...` apart; nothing if it does not begin with a slash, or if a percent
/// sign is not followed by two hexadecimal digits.
std::optional<target> parse_target(std::string_view text);

}  // namespace troupe::http
