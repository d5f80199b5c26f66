#include "runtime/plugin/search_path.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "runtime/config/diagnostic.hpp"

namespace troupe::plugin {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "libtroupe_";
constexpr std::string_view suffix = ".so";

/// Splits at colons. Empty parts are left out: unlike in PATH they never mean the working
/// directory, which is no place to load code from by accident.
void add_parts(const std::string& text, std::vector<std::string>& directories) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(':', begin), text.size());
    if (end > begin) directories.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

std::string file_name_of(const std::string& plugin) {
  return std::string{prefix} + plugin + std::string{suffix};
}

std::optional<std::string> library_plugin_directory() {
  Dl_info where{};
  if (dladdr(reinterpret_cast<const void*>(&library_plugin_directory), &where) == 0 ||
      where.dli_fname == nullptr) {
    return std::nullopt;
  }
  std::error_code failed;
  const auto library = fs::canonical(where.dli_fname, failed);
  if (failed) return std::nullopt;
  return (library.parent_path() / "troupe" / "plugins").string();
}

search_path::search_path(std::vector<std::string> directories)
    : directories_(std::move(directories)) {}

search_path search_path::of_program(const std::vector<std::string>& first,
                                    const config::environment& variables) {
  auto directories = first;
  if (const auto more = variables(path_variable)) add_parts(*more, directories);
  if (auto own = library_plugin_directory()) directories.push_back(std::move(*own));
  return search_path{std::move(directories)};
}

std::optional<std::string> search_path::find(const std::string& name) const {
  for (const auto& directory : directories_) {
    const auto file = fs::path{directory} / file_name_of(name);
    std::error_code unreadable;  // a directory that cannot be read has nothing for us
    if (fs::exists(file, unreadable)) return file.string();
  }
  return std::nullopt;
}

std::vector<std::string> search_path::names() const {
  std::set<std::string> found;
  for (const auto& directory : directories_) {
    std::error_code unreadable;
    for (fs::directory_iterator entry{directory, unreadable}, end; !unreadable && entry != end;
         entry.increment(unreadable)) {
      const auto file = entry->path().filename().string();
      if (file.starts_with(prefix) && file.ends_with(suffix)) {
        found.insert(file.substr(prefix.size(), file.size() - prefix.size() - suffix.size()));
      }
    }
  }
  return {found.begin(), found.end()};
}

std::string search_path::text() const {
  if (directories_.empty()) return "no directory";
  std::vector<std::string> words;
  for (const auto& directory : directories_) {
    std::error_code unreadable;
    const bool there = fs::is_directory(directory, unreadable);
    words.push_back(directory + (there ? "" : " (no such directory)"));
  }
  return config::all_of(words);
}

}  // namespace troupe::plugin
