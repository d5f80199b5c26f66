#include "runtime/plugin/gate.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <troupe/sdk/fingerprint.hpp>

#include "runtime/config/diagnostic.hpp"

namespace troupe::plugin {

namespace {

constexpr std::size_t max_name = 63;

/// A field of the fingerprint: how messages call it, and what makes it equal again.
struct checked_field {
  const char* const troupe_plugin_fingerprint::*value;
  const char* what;
  const char* hint;
};

constexpr checked_field fields[] = {
    {&troupe_plugin_fingerprint::sdk, "the headers of Troupe",
     "build the plugin again with the headers of this program"},
    {&troupe_plugin_fingerprint::caf, "the C++ Actor Framework",
     "build the plugin again with the CAF that this program was built with"},
    {&troupe_plugin_fingerprint::compiler_abi, "the compiler's ABI",
     "build the plugin again for the machine and with the compiler of this program"},
    {&troupe_plugin_fingerprint::standard_library, "the standard library",
     "build the plugin again with the standard library of this program"},
    {&troupe_plugin_fingerprint::stdlib_checks, "the standard library's debug mode",
     "build the plugin again with _GLIBCXX_DEBUG and _GLIBCXX_ASSERTIONS as in this program"},
    {&troupe_plugin_fingerprint::sanitizers, "sanitizers",
     "build the plugin again with the -fsanitize options of this program"},
};

const char* const rebuild = "build the plugin again with the headers of this program";

std::string version_of(unsigned number) { return "version " + std::to_string(number); }

bool shown(const char* text) { return text != nullptr && *text != '\0'; }

/// Words that a person would read; control characters would spoil logs and metrics.
bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

refusal mismatch(const checked_field& field, const std::string& their, const std::string& our,
                 const std::string& path) {
  return {path + " does not fit in " + field.what + ": it has " +
              (their.empty() ? "nothing" : config::quoted(their)) + ", this program " +
              config::quoted(our),
          field.hint};
}

void compare_fingerprints(const troupe_plugin_fingerprint& theirs,
                          const troupe_plugin_fingerprint& ours, const std::string& path,
                          std::vector<refusal>& found) {
  for (const auto& field : fields) {
    const auto* their = theirs.*field.value;
    const auto* our = ours.*field.value;
    if (their != nullptr && std::strcmp(their, our) == 0) continue;
    found.push_back(mismatch(field, shown(their) ? their : "", our, path));
  }
}

void check_texts(const troupe_plugin_info& theirs, const std::string& path,
                 std::vector<refusal>& found) {
  const std::string name = theirs.name == nullptr ? "" : theirs.name;
  if (!is_plugin_name(name)) {
    found.push_back(
        {path + " calls itself " + config::quoted(name) + ", which is not a plugin's name",
         "a name is a lower-case letter and then at most " + std::to_string(max_name - 1) +
             " of a-z, 0-9, _ and -"});
  }
  if (!shown(theirs.version) || !is_one_line(theirs.version)) {
    found.push_back({path + " does not say its version", "give TROUPE_PLUGIN one, as \"1.0.0\""});
  }
  if (!shown(theirs.summary) || !is_one_line(theirs.summary)) {
    found.push_back({path + " has no summary", "give TROUPE_PLUGIN one line for people"});
  }
  if (theirs.register_types == nullptr) {
    found.push_back({path + " has no function that adds its types", "give TROUPE_PLUGIN one"});
  }
}

}  // namespace

const troupe_plugin_fingerprint& own_fingerprint() { return sdk::fingerprint; }

refusal sanitizers_differ(const std::string& theirs, const std::string& path) {
  constexpr const auto& field = std::end(fields)[-1];
  static_assert(field.value == &troupe_plugin_fingerprint::sanitizers);
  return mismatch(field, theirs, own_fingerprint().sanitizers, path);
}

std::vector<refusal> examine(const troupe_plugin_info& theirs,
                             const troupe_plugin_fingerprint& ours, const std::string& path) {
  if (std::memcmp(theirs.magic, TROUPE_PLUGIN_MAGIC, sizeof theirs.magic) != 0) {
    const auto magic = std::string{theirs.magic, sizeof theirs.magic};
    return {{path + " is not a plugin: its " TROUPE_PLUGIN_SYMBOL " begins with " +
                 config::quoted(magic) + " instead of " + config::quoted(TROUPE_PLUGIN_MAGIC),
             "a plugin exports that constant by the macro TROUPE_PLUGIN"}};
  }
  if (theirs.abi != TROUPE_PLUGIN_ABI) {
    return {{path + " is of plugin ABI " + version_of(theirs.abi) + ", this program of " +
                 version_of(TROUPE_PLUGIN_ABI),
             rebuild}};
  }
  if (theirs.struct_size != sizeof(troupe_plugin_info)) {
    return {{path + " describes itself in " + std::to_string(theirs.struct_size) +
                 " bytes, this program expects " + std::to_string(sizeof(troupe_plugin_info)),
             rebuild}};
  }
  std::vector<refusal> found;
  compare_fingerprints(theirs.fingerprint, ours, path, found);
  check_texts(theirs, path, found);
  return found;
}

bool is_plugin_name(const std::string& word) {
  return !word.empty() && word.size() <= max_name && word[0] >= 'a' && word[0] <= 'z' &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace troupe::plugin
