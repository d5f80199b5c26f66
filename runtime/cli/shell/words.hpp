/// Words of a command line, as people type them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// The line cannot be cut into words; says why.
class bad_line : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Words are separated by spaces. '…' keeps what is between as it is; in "…" and outside of quotes
/// a backslash takes the next character as it is. '' is an empty word.
/// @throws bad_line if a quote is not closed, or nothing follows a backslash.
std::vector<std::string> words_of(std::string_view line);

}  // namespace troupe::cli
