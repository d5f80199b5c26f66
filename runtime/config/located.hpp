#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/config/diagnostic.hpp"

namespace troupe::config {

/// A word and where it stands.
struct located_text {
  std::string text;
  place where;
};

struct located_entry;

/// A YAML value that remembers its place: the only form in which the rest of the program sees the
/// deployment file. Scalars keep their raw text; nothing has been interpreted as a number yet.
struct located_value {
  enum class shape { null, scalar, sequence, mapping };

  shape kind = shape::null;
  bool broken = false;  ///< An error about it is reported already; say no more.
  place where;          ///< Of a null: the key it belongs to.
  std::string text;
  std::vector<located_value> items;
  std::vector<located_entry> entries;  ///< In file order; keys are unique.

  bool is_null() const { return kind == shape::null; }
  bool is_scalar() const { return kind == shape::scalar; }
  bool is_sequence() const { return kind == shape::sequence; }
  bool is_mapping() const { return kind == shape::mapping; }

  /// The entry of a mapping with this key, or null.
  const located_entry* find(std::string_view key) const;
  located_entry* find(std::string_view key);
};

/// A key and its value.
struct located_entry {
  located_text key;
  located_value value;
};

inline const located_entry* located_value::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key.text == key) return &entry;
  }
  return nullptr;
}

inline located_entry* located_value::find(std::string_view key) {
  return const_cast<located_entry*>(std::as_const(*this).find(key));
}

/// `a value`, `a list` … for messages of the kind "expected X, found Y".
inline const char* describe(located_value::shape kind) {
  switch (kind) {
  case located_value::shape::null:
    return "nothing";
  case located_value::shape::scalar:
    return "a single value";
  case located_value::shape::sequence:
    return "a list";
  case located_value::shape::mapping:
    return "a mapping";
  }
  return "";
}

}  // namespace troupe::config
