#include "actors/gateway/zookeeper/words/four_letter_word.hpp"

#include <algorithm>

namespace troupe::zk {

std::optional<std::string_view> find_word(std::string_view bytes) noexcept {
  const auto word = bytes.substr(0, 4);
  const auto found = std::find(four_letter_words.begin(), four_letter_words.end(), word);
  if (found == four_letter_words.end()) return std::nullopt;
  return *found;
}

word_list::word_list(const std::vector<std::string>& allowed) : allowed_(allowed) {}

bool word_list::allows(std::string_view word) const noexcept {
  return std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const auto& one) { return one == "*" || one == word; });
}

}  // namespace troupe::zk
