#include "runtime/plugin/library.hpp"

#include <dlfcn.h>
#include <elf.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "runtime/plugin/needed_libraries.hpp"

namespace troupe::plugin {

namespace {

namespace fs = std::filesystem;

/// The runtime of a sanitizer that this program does not have would end the process while it is
/// being loaded, without asking; so this one field is looked at before.
std::optional<refusal> look_for_sanitizers(std::istream& file, const std::string& shown) {
  const std::string ours = own_fingerprint().sanitizers;
  for (const auto& library : needed_libraries(file)) {
    const bool address = library.starts_with("libasan.") && ours != "address";
    const bool thread = library.starts_with("libtsan.") && ours != "thread";
    if (address || thread) return sanitizers_differ(address ? "address" : "thread", shown);
  }
  return std::nullopt;
}

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
  char begin[SELFMAG] = {};
  if (!file || (!file.read(begin, sizeof begin) && !file.eof())) {
    return refusal{shown + " cannot be read: " + std::strerror(errno), "see to its permissions"};
  }
  if (std::memcmp(begin, ELFMAG, SELFMAG) != 0) {
    return refusal{shown + " is not a shared library",
                   "a plugin is what troupe_add_plugin builds: a file libtroupe_NAME.so"};
  }
  return look_for_sanitizers(file, shown);
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
