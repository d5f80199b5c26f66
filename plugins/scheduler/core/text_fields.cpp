#include "core/text_fields.hpp"

#include <algorithm>

namespace scheduler {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
    text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  return text;
}

}  // namespace

troupe::result<text_fields> text_fields::parse(std::string_view text) {
  text_fields result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0 || result.fields_.size() >= 100) {
      return troupe::failure{"\"" + std::string{line.substr(0, 80)} +
                             "\" is no line of the form key: value"};
    }
    result.fields_.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  result.body_ = text;
  return result;
}

std::string_view text_fields::text(std::string_view key) const noexcept {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const auto& one) { return one.first == key; });
  return found == fields_.end() ? std::string_view{} : found->second;
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    words.push_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

}  // namespace scheduler
