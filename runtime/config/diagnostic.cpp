#include "runtime/config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include "runtime/config/utf8.hpp"

namespace troupe::config {

namespace {

constexpr std::size_t max_quoted = 60;
constexpr std::size_t max_excerpt = 120;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// The `number`-th line, counted from 1, without its line end.
std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (; number > 1; --number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// A source line cut down to a window around the caret; columns are characters from 0.
struct excerpt {
  std::string shown;
  std::string carets;
};

/// Removes the first character from the front of `text` and returns it as it may be printed: what
/// is not UTF-8, or would steer the terminal, becomes a question mark.
std::string_view take_character(std::string_view& text) {
  const auto length = utf8_length(text);
  const auto character = text.substr(0, std::max<std::size_t>(length, 1));
  text.remove_prefix(character.size());
  return length > 0 && (character == "\t" || !is_control(character)) ? character : "?";
}

/// Whole messages: parts of them are other people's words, such as a key or what the YAML parser
/// says about a byte.
std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty())
    out += take_character(text);
  return out;
}

/// The excerpt around `length` characters at `column`. A place past the end of its line, such as
/// that of a missing bracket, gets its caret right behind the line.
excerpt cut(std::string_view line, std::size_t column, std::size_t length) {
  const auto total = count_characters(line);
  column = std::min(column, total);
  const bool windowed = total > max_excerpt && column > max_excerpt / 2;
  const auto first = windowed ? column - max_excerpt / 2 : 0;
  for (std::size_t i = 0; i < first; ++i)
    take_character(line);
  excerpt result;
  if (windowed) result = {"...", "   "};
  auto at = first;
  for (; !line.empty() && at < first + max_excerpt; ++at) {
    const auto character = take_character(line);
    result.shown += character;
    if (at < column) result.carets += character == "\t" ? '\t' : ' ';
  }
  if (!line.empty()) result.shown += "...";
  result.carets.append(std::clamp<std::size_t>(length, 1, at > column ? at - column : 1), '^');
  return result;
}

std::string listed(const std::vector<std::string>& words, const char* last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace

std::uint32_t report::add_source(source text) {
  sources_.push_back(std::move(text));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

void report::error(place where, std::string message, std::string hint) {
  diagnostics_.push_back({where, std::move(message), std::move(hint)});
}

std::vector<diagnostic> report::sorted() const {
  auto result = diagnostics_;
  const auto start = [](const diagnostic& d) {
    return std::tie(d.where.source, d.where.line, d.where.column);
  };
  std::stable_sort(result.begin(), result.end(),
                   [&](const auto& a, const auto& b) { return start(a) < start(b); });
  return result;
}

void report::print(std::string& out, const diagnostic& what) const {
  const auto& from = sources_.at(what.where.source);
  out += from.name;
  if (from.numbered && what.where.line > 0) {
    out += ':' + std::to_string(what.where.line) + ':' + std::to_string(what.where.column);
  }
  out += ": error: " + printable(what.message) + '\n';
  const bool whole = what.where.line == 0;
  auto number = from.numbered && !whole ? std::to_string(what.where.line) : std::string{};
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  const std::string margin(number.size(), ' ');
  if (!whole) {
    const auto lines =
        cut(line_of(from.text, what.where.line), what.where.column - 1, what.where.length);
    out += number + (lines.shown.empty() ? " |\n" : " | " + lines.shown + '\n');
    out += margin + " | " + lines.carets + '\n';
  }
  if (!what.hint.empty()) out += margin + " = hint: " + printable(what.hint) + '\n';
}

std::string report::text() const {
  const auto all = sorted();
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < max_printed; ++i)
    print(out, all[i]);
  if (all.size() > max_printed) {
    out += "... and " + std::to_string(all.size() - max_printed) + " more\n";
  }
  out += std::to_string(all.size()) + (all.size() == 1 ? " error" : " errors");
  out += "; nothing was started\n";
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == max_quoted) {
      out += "...";
      break;
    }
    const auto character = take_character(text);
    out += character == "\t" ? " " : character;
  }
  return out + '"';
}

std::string one_of(const std::vector<std::string>& words) { return listed(words, " or "); }

std::string all_of(const std::vector<std::string>& words) { return listed(words, " and "); }

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char byte) { return !is_continuation(byte); }));
}

}  // namespace troupe::config
