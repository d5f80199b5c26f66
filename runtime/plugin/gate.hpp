/// What a plugin says of itself, checked before any of its code runs.
#pragma once

#include <string>
#include <vector>

#include <troupe/sdk/plugin.h>

namespace troupe::plugin {

/// Why something is not a plugin for this program, and what to do.
struct refusal {
  std::string message;
  std::string hint;
};

/// What this program was compiled with.
const troupe_plugin_fingerprint& own_fingerprint();

/// Compares a plugin's constant with `ours`. Reads no further than what it has found to be sound:
/// a struct that is not one of ours, or of another version, gives one refusal; otherwise there is
/// one for each field that does not fit, with both values.
/// @param path how messages call the file.
std::vector<refusal> examine(const troupe_plugin_info& theirs,
                             const troupe_plugin_fingerprint& ours, const std::string& path);

/// What the gate says about a plugin with other sanitizers, for those who find out earlier.
refusal sanitizers_differ(const std::string& theirs, const std::string& path);

/// Whether a word can be a plugin's name: a lower-case letter and at most 62 of a-z, 0-9, _ and -.
bool is_plugin_name(const std::string& word);

}  // namespace troupe::plugin
