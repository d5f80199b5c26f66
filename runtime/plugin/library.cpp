#include "runtime/plugin/library.hpp"

#include <dlfcn.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace troupe::plugin {

namespace {

namespace fs = std::filesystem;

/// Looks at the file before the dynamic linker does, whose words are for programmers, and which
/// would wait for ever on a named pipe.
std::optional<refusal> look_at(const std::string& path, const std::string& shown) {
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (fs::is_directory(status)) {
    return refusal{shown + " is a directory, not a plugin", "name the library in it, a .so file"};
  }
  if (!fs::is_regular_file(status)) {
    return refusal{shown + " is not a file", "a plugin is a shared library, a .so file"};
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  char begin[4] = {};
  if (!file || (!file.read(begin, sizeof begin) && !file.eof())) {
    return refusal{shown + " cannot be read: " + std::strerror(errno), "see to its permissions"};
  }
  if (std::memcmp(begin,
                  "\x7F"
                  "ELF",
                  sizeof begin) != 0) {
    return refusal{shown + " is not a shared library",
                   "a plugin is what troupe_add_plugin builds: a file libtroupe_NAME.so"};
  }
  return std::nullopt;
}

/// The dynamic linker's words without the path in front, which the message has already.
std::string linker_error(const std::string& path) {
  const char* words = ::dlerror();
  std::string text = words == nullptr ? "unknown error" : words;
  const auto prefix = path + ": ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  return text;
}

}  // namespace

result<const troupe_plugin_info*, refusal> open_library(const std::string& path,
                                                        const std::string& shown) {
  if (auto wrong = look_at(path, shown)) return *std::move(wrong);
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return refusal{shown + " cannot be loaded: " + linker_error(path),
                   "install what it needs; if it was built for another version of Troupe, "
                   "build it again for this one"};
  }
  const auto* info = ::dlsym(library, TROUPE_PLUGIN_SYMBOL);
  if (info == nullptr) {
    return refusal{shown + " is not a plugin: it does not export " TROUPE_PLUGIN_SYMBOL,
                   "a plugin exports that constant by the macro TROUPE_PLUGIN"};
  }
  return static_cast<const troupe_plugin_info*>(info);
}

}  // namespace troupe::plugin
