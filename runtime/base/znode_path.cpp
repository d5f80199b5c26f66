#include <troupe/base/znode_path.hpp>

#include <cstddef>
#include <cstdio>

namespace troupe {
namespace {

/// What cannot be a character: malformed bytes, and the end of a decoding error.
constexpr char32_t malformed = 0xffffffff;

/// Decodes one character of UTF-8 at `at` and moves on. Malformed are: stray and missing
/// continuation bytes, forms longer than needed, surrogates, and numbers above U+10FFFF.
char32_t next_character(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(i < text.size() ? text[i] : '\0');
  };
  const unsigned lead = byte(at);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const std::size_t length = lead >= 0xf0 && lead < 0xf8 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || lead >= 0xf8) return malformed;
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return malformed;
    value = value << 6 | (byte(at + i) & 0x3fU);
  }
  at += length;
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < smallest[length] || value > 0x10ffff || surrogate ? malformed : value;
}

/// ZooKeeper looks at UTF-16 code units and refuses surrogates, so nothing outside the basic
/// plane passes.
bool is_refused(char32_t c) noexcept {
  return c <= 0x1f || (c >= 0x7f && c <= 0x9f) || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0;
}

bool is_valid_component(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != "..";
}

}  // namespace

bool is_valid_path(std::string_view path) noexcept {
  if (path.empty() || path.front() != '/') return false;
  if (path.size() == 1) return true;
  std::size_t start = 1;  // of a component
  for (std::size_t at = 1; at < path.size();) {
    const auto byte = static_cast<unsigned char>(path[at]);
    if (byte == '/') {
      if (!is_valid_component(path.substr(start, at - start))) return false;
      start = ++at;
    } else if (byte > 0x1f && byte < 0x7f) {
      ++at;
    } else if (is_refused(next_character(path, at))) {
      return false;
    }
  }
  return is_valid_component(path.substr(start));
}

std::string sequence_suffix(std::int32_t counter) {
  char text[16];
  std::snprintf(text, sizeof text, "%010d", counter);
  return text;
}

}  // namespace troupe
