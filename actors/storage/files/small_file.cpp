#include "actors/storage/files/small_file.hpp"

#include <cerrno>
#include <charconv>
#include <utility>

#include "actors/storage/core/crc32c.hpp"
#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {
namespace {

constexpr std::string_view version = "1";
constexpr std::size_t largest = 4096;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

/// Takes one line off the front of `text`.
std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

bool read_number(std::string_view text, std::uint64_t& value, bool hexadecimal) {
  if (hexadecimal) {
    if (!text.starts_with("0x")) return false;
    text.remove_prefix(2);
  }
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  return problem == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string encode_facts(std::string_view title, const std::vector<fact>& facts) {
  std::string text{title};
  text.append(" ").append(version).append("\n");
  for (const auto& one : facts) {
    text.append(one.key).append(" ");
    text += one.hexadecimal ? "0x" + hex16(one.value) : std::to_string(one.value);
    text += '\n';
  }
  return text + "check " + hex16(crc32c(text)).substr(8) + "\n";
}

std::optional<std::string> decode_facts(std::string_view text, std::string_view title,
                                        std::vector<fact>& facts) {
  auto rest = text;
  const auto first = take_line(rest);
  if (first.starts_with(std::string{title} + " ") && !first.ends_with(" 1")) {
    return "it has format version " + std::string{first.substr(title.size() + 1)} +
           ", this program reads version 1";
  }
  for (auto& one : facts) {
    auto line = take_line(rest);
    if (!line.starts_with(std::string{one.key} + " "))
      return "the line of " + std::string{one.key} + " is missing";
    line.remove_prefix(one.key.size() + 1);
    if (!read_number(line, one.value, one.hexadecimal)) {
      return "the value of " + std::string{one.key} + " is not a number";
    }
  }
  if (encode_facts(title, facts) != text) return "its checksum does not fit";
  return {};
}

sdk::io_status replace_file(sdk::disk& disk, const std::string& path, std::string_view text) {
  const auto temporary = path + ".tmp";
  const auto write = [&]() -> sdk::io_status {
    auto file = disk.open(temporary, sdk::disk::mode::create);
    if (!file) return file.error();
    if (auto bad = (*file)->write_at(0, std::as_bytes(std::span{text}))) return bad;
    if (auto bad = (*file)->sync()) return bad;
    return disk.rename(temporary, path);
  };
  if (auto bad = write()) {
    // The first error is the one to tell; the next start removes what this cannot.
    static_cast<void>(disk.remove(temporary));
    return bad;
  }
  return disk.sync_directory(folder_of(path));
}

sdk::io_result<std::optional<std::string>> read_small_file(sdk::disk& disk,
                                                           const std::string& path) {
  auto file = disk.open(path, sdk::disk::mode::read);
  if (!file) {
    if (file.error().code == ENOENT) return std::optional<std::string>{};
    return file.error();
  }
  std::string text(largest, '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span{text}));
  if (!got) return got.error();
  text.resize(*got);
  return std::optional{std::move(text)};
}

}  // namespace troupe::storage
