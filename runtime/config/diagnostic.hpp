#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::config {

/// A stretch of text in one of a report's sources. Lines and columns count from 1, columns and
/// lengths in characters (code points). Line 0 means the source as a whole.
struct place {
  std::uint32_t source = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;
  friend auto operator<=>(const place&, const place&) = default;
};

/// Something a person has to change, and how.
struct diagnostic {
  place where;
  std::string message;
  std::string hint;  ///< What to write instead; may be empty.
};

/// One text that errors can point into.
struct source {
  std::string name;  ///< The file as the user named it, or `--set #1`.
  std::string text;
  bool numbered = true;  ///< Whether lines and columns are printed; not for command-line values.
};

/// Collects all errors of one deployment, in any order, and prints them sorted by place.
/// Sources come in the order they are added: the file first, then the command line.
class report {
public:
  /// Registers a text; the number goes into `place::source`.
  std::uint32_t add_source(source text);
  const source& source_at(std::uint32_t index) const { return sources_.at(index); }

  void error(place where, std::string message, std::string hint = {});

  bool empty() const { return diagnostics_.empty(); }
  std::size_t size() const { return diagnostics_.size(); }

  /// Errors in order of place, and of being reported where that is the same.
  std::vector<diagnostic> sorted() const;

  /// All errors for a terminal, each with its source line and carets; at most `max_printed`.
  std::string text() const;

  static constexpr std::size_t max_printed = 50;

private:
  void print(std::string& out, const diagnostic& what) const;

  std::vector<source> sources_;
  std::vector<diagnostic> diagnostics_;
};

/// Text in double quotes, shortened when long and with control characters made visible.
std::string quoted(std::string_view text);

/// `a, b or c`.
std::string one_of(const std::vector<std::string>& words);

/// `a, b and c`.
std::string all_of(const std::vector<std::string>& words);

/// Number of characters in UTF-8 text (bytes that are not continuation bytes).
std::size_t count_characters(std::string_view utf8);

}  // namespace troupe::config
