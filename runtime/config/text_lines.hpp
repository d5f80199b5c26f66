#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <yaml-cpp/mark.h>

#include "runtime/config/diagnostic.hpp"

namespace troupe::config {

/// Turns the YAML parser's positions, which count bytes from 0, into places. The text must outlive
/// it. Positions outside of the text are moved to its nearest end.
class text_lines {
public:
  text_lines(std::uint32_t source, std::string_view text);

  /// @param line, column count from 0; @param bytes is the length of what stands there.
  place at(int line, int column, std::size_t bytes = 1) const;
  place at(const YAML::Mark& mark) const { return at(mark.line, mark.column); }

  /// The place of a scalar: all of it, quotes included, as far as it stands on its first line.
  place of_scalar(const YAML::Mark& mark, std::string_view value) const;

  /// Whether the indentation of the line contains a tab.
  bool indented_with_tab(const YAML::Mark& mark) const;

private:
  std::size_t row_of(int line) const;
  std::size_t characters_before(std::size_t row, std::size_t byte) const;

  std::uint32_t source_;
  std::vector<std::string_view> lines_;
  // The last answer of `characters_before`.
  mutable std::size_t counted_row_ = 0;
  mutable std::size_t counted_bytes_ = 0;
  mutable std::size_t counted_ = 0;
};

}  // namespace troupe::config
