#include "runtime/config/text_lines.hpp"

#include <algorithm>

namespace troupe::config {

namespace {

/// Length in bytes of the scalar at the front of `rest`, whose value is `value` without quotes and
/// escapes. Of block scalars only the sign that begins them is meant.
std::size_t scalar_length(std::string_view rest, std::string_view value) {
  if (rest.empty()) return 1;
  const char opening = rest.front();
  if (opening == '|' || opening == '>') return 1;
  if (opening != '"' && opening != '\'') return std::max<std::size_t>(value.size(), 1);
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (opening == '"' && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == opening) {
      const bool doubled = opening == '\'' && i + 1 < rest.size() && rest[i + 1] == opening;
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return rest.size();
}

}  // namespace

text_lines::text_lines(std::uint32_t source, std::string_view text) : source_(source) {
  while (true) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

place text_lines::at(int line, int column, std::size_t bytes) const {
  const auto row = row_of(line);
  const auto start = std::min<std::size_t>(std::max(column, 0), lines_[row].size());
  const auto length = std::max<std::size_t>(count_characters(lines_[row].substr(start, bytes)), 1);
  return {source_, static_cast<std::uint32_t>(row + 1),
          static_cast<std::uint32_t>(characters_before(row, start) + 1),
          static_cast<std::uint32_t>(length)};
}

place text_lines::of_scalar(const YAML::Mark& mark, std::string_view value) const {
  const auto line = lines_[row_of(mark.line)];
  const auto start = std::min<std::size_t>(std::max(mark.column, 0), line.size());
  return at(mark.line, mark.column, scalar_length(line.substr(start), value));
}

bool text_lines::indented_with_tab(const YAML::Mark& mark) const {
  const auto line = lines_[row_of(mark.line)];
  const auto first = line.find_first_not_of(' ');
  return first != std::string_view::npos && line[first] == '\t';
}

std::size_t text_lines::row_of(int line) const {
  return std::min<std::size_t>(std::max(line, 0), lines_.size() - 1);
}

/// Counts on from the last answer where it can, because positions come in order and a hostile file
/// may have all its values in one line.
std::size_t text_lines::characters_before(std::size_t row, std::size_t byte) const {
  if (row != counted_row_ || byte < counted_bytes_) {
    counted_row_ = row;
    counted_bytes_ = 0;
    counted_ = 0;
  }
  counted_ += count_characters(lines_[row].substr(counted_bytes_, byte - counted_bytes_));
  counted_bytes_ = byte;
  return counted_;
}

}  // namespace troupe::config
