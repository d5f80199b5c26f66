#include "runtime/config/fields.hpp"

#include <algorithm>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/scalars.hpp"

namespace troupe::config {

namespace {

/// How a shape is written.
std::string form_of(located_value::shape shape) {
  if (shape == located_value::shape::mapping) return "write { key: value, ... }";
  if (shape == located_value::shape::sequence) return "write [ first, second, ... ]";
  return {};
}

}  // namespace

bool expect_shape(const located_value& value, located_value::shape shape, const std::string& key,
                  report& errors) {
  if (value.broken) return false;
  if (value.kind == shape) return true;
  if (value.is_null()) {
    errors.error(value.where, key + " has no value", "give it one, or remove it");
  } else {
    errors.error(value.where,
                 key + " must be " + describe(shape) + ", but this is " + describe(value.kind),
                 form_of(shape));
  }
  return false;
}

void refuse_unknown_keys(const located_value& mapping, const std::vector<std::string>& known,
                         const std::string& owner, report& errors) {
  for (const auto& entry : mapping.entries) {
    const auto& key = entry.key.text;
    if (key.empty() || std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto meant = sdk::nearest(key, known);
    errors.error(entry.key.where, "unknown key " + quoted(key) + " in " + owner,
                 meant.empty() ? "known keys: " + all_of(known)
                               : "did you mean " + quoted(meant) + "?");
  }
}

std::int64_t read_integer(const located_value& value, const std::string& key, std::int64_t low,
                          std::int64_t high, std::int64_t fallback, report& errors) {
  if (!expect_shape(value, located_value::shape::scalar, key, errors)) return fallback;
  const auto number = parse_integer(value.text);
  if (!number.value) {
    errors.error(value.where, number.problem.message, number.problem.hint);
    return fallback;
  }
  if (*number.value < low || *number.value > high) {
    errors.error(value.where, key + " is out of range: " + value.text,
                 "it goes from " + std::to_string(low) + " to " + std::to_string(high));
    return fallback;
  }
  return *number.value;
}

}  // namespace troupe::config
