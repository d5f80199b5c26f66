/// The grammar of znode paths.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Whether `path` is a complete, valid znode path (protocol section 6.1): absolute, no empty
/// component, no "." or "..", no trailing slash but for the root, no character that ZooKeeper
/// refuses, valid UTF-8.
bool is_valid_path(std::string_view path) noexcept;

/// The parent of a path that contains a slash: "/" for "/a". The root has no parent.
constexpr std::string_view parent_path(std::string_view path) noexcept {
  const auto slash = path.rfind('/');
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

/// The last component of a path: "b" for "/a/b".
constexpr std::string_view base_name(std::string_view path) noexcept {
  return path.substr(path.rfind('/') + 1);
}

/// The suffix of a sequential node: the number of children ever created, ten digits, zero padded
/// and signed (protocol section 6.2).
std::string sequence_suffix(std::int32_t counter);

}  // namespace troupe
