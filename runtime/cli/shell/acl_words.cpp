#include "runtime/cli/shell/acl_words.hpp"

#include <array>
#include <utility>

namespace troupe::cli {
namespace {

constexpr std::array<std::pair<char, permission>, 5> letters{{{'c', permission_create},
                                                              {'d', permission_delete},
                                                              {'r', permission_read},
                                                              {'w', permission_write},
                                                              {'a', permission_admin}}};

std::optional<std::int32_t> read_permissions(std::string_view word) {
  std::int32_t bits = 0;
  for (const char c : word) {
    bool known = false;
    for (const auto& [letter, bit] : letters) {
      if (letter != c) continue;
      bits |= bit;
      known = true;
    }
    if (!known) return std::nullopt;
  }
  return bits;
}

std::optional<acl_entry> read_entry(std::string_view word) {
  const auto first = word.find(':');
  const auto last = word.rfind(':');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto permissions = read_permissions(word.substr(last + 1));
  if (!permissions) return std::nullopt;
  return acl_entry{
      *permissions,
      {std::string{word.substr(0, first)}, std::string{word.substr(first + 1, last - first - 1)}}};
}

}  // namespace

std::string permission_letters(std::int32_t permissions) {
  std::string word;
  for (const auto& [letter, bit] : letters)
    if ((permissions & bit) != 0) word += letter;
  return word;
}

std::optional<acl> read_acl(std::string_view words) {
  acl entries;
  while (!words.empty()) {
    const auto comma = words.find(',');
    const auto entry = read_entry(words.substr(0, comma));
    if (!entry) return std::nullopt;
    entries.push_back(*entry);
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
  }
  if (entries.empty()) return std::nullopt;
  return entries;
}

}  // namespace troupe::cli
