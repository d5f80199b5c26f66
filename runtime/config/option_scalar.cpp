#include "runtime/config/option_scalar.hpp"

#include <algorithm>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/fields.hpp"
#include "runtime/config/option_ids.hpp"
#include "runtime/config/overlay.hpp"
#include "runtime/config/scalars.hpp"

namespace troupe::config {

namespace {

using sdk::option_kind;
using sdk::option_spec;
using sdk::option_value;
using shape = located_value::shape;

template <typename T>
std::optional<option_value> accept(parsed<T> result, const located_value& value, report& errors) {
  if (result.value) return option_value(std::move(*result.value));
  errors.error(value.where, result.problem.message, result.problem.hint);
  return std::nullopt;
}

/// `number` is the value in the smallest unit.
bool in_range(const option_spec& spec, std::int64_t number) {
  return number >= spec.minimum.value_or(number) && number <= spec.maximum.value_or(number);
}

std::string range_hint(const option_spec& spec) {
  if (!spec.minimum && !spec.maximum) return {};
  if (!spec.maximum) return "it must be at least " + format_bound(spec, *spec.minimum);
  if (!spec.minimum) return "it must be at most " + format_bound(spec, *spec.maximum);
  return "it goes from " + format_bound(spec, *spec.minimum) + " to " +
         format_bound(spec, *spec.maximum);
}

/// The number behind an integer, size or duration.
std::optional<std::int64_t> magnitude(const option_value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* size = std::get_if<std::uint64_t>(&value)) {
    return static_cast<std::int64_t>(*size);
  }
  if (const auto* duration = std::get_if<std::chrono::nanoseconds>(&value)) {
    return duration->count();
  }
  return std::nullopt;
}

std::optional<option_value> read_choice(const option_spec& spec, const located_value& value,
                                        report& errors) {
  if (std::find(spec.choices.begin(), spec.choices.end(), value.text) != spec.choices.end()) {
    return value.text;
  }
  const auto meant = sdk::nearest(value.text, spec.choices);
  errors.error(value.where, quoted(value.text) + " is not a value of " + spec.name,
               (meant.empty() ? "" : "did you mean " + quoted(meant) + "? ") +
                   std::string{"it is "} + one_of(spec.choices));
  return std::nullopt;
}

std::optional<option_value> read_scalar(const option_spec& spec, const located_value& value,
                                        report& errors) {
  switch (spec.kind) {
  case option_kind::boolean:
    return accept(parse_boolean(value.text), value, errors);
  case option_kind::integer:
    return accept(parse_integer(value.text), value, errors);
  case option_kind::size_bytes:
    return accept(parse_size(value.text), value, errors);
  case option_kind::duration:
    return accept(parse_duration(value.text), value, errors);
  case option_kind::address:
    return accept(parse_address(value.text), value, errors);
  case option_kind::choice:
    return read_choice(spec, value, errors);
  default:
    return value.text;
  }
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; !text.empty() && begin <= text.size();) {
    const auto comma = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return words;
}

std::optional<option_value> read_list(const option_spec& spec, const located_value& value,
                                      report& errors) {
  if (value.is_scalar() && !value.broken && is_overlay(value.where, errors)) {
    return split_at_commas(value.text);
  }
  if (!expect_shape(value, shape::sequence, spec.name, errors)) return std::nullopt;
  std::vector<std::string> words;
  for (const auto& item : value.items) {
    if (expect_shape(item, shape::scalar, "each entry of " + spec.name, errors)) {
      words.push_back(item.text);
    }
  }
  if (words.size() != value.items.size()) return std::nullopt;
  return words;
}

std::optional<option_value> read_addresses(const option_spec& spec, const located_value& value,
                                           report& errors) {
  if (!expect_shape(value, shape::mapping, spec.name, errors)) return std::nullopt;
  std::map<std::int64_t, sdk::address> result;
  for (const auto& entry : value.entries) {
    if (entry.key.text.empty()) continue;
    const auto id = read_id(entry.key, errors);
    if (!expect_shape(entry.value, shape::scalar, "server " + entry.key.text, errors)) continue;
    auto address = parse_address(entry.value.text);
    if (!address.value) {
      errors.error(entry.value.where, address.problem.message, address.problem.hint);
    } else if (id) {
      result[*id] = std::move(*address.value);
    }
  }
  if (result.size() != value.entries.size()) return std::nullopt;
  return result;
}

/// Turns each alternative of an option value into text.
struct formatter {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return format_size(value); }
  std::string operator()(std::chrono::nanoseconds value) const { return format_duration(value); }
  std::string operator()(const std::string& value) const {
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-' || c == '/' || c == '.';
    };
    const bool bare = !value.empty() && std::all_of(value.begin(), value.end(), plain) &&
                      (value.front() < '-' || value.front() > '9' || value.front() == '/');
    if (bare) return value;
    std::string out = "\"";
    for (char c : value)
      out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    return out + '"';
  }
  std::string operator()(const sdk::address& value) const {
    return '"' + sdk::to_string(value) + '"';
  }
  std::string operator()(const std::vector<std::string>& value) const {
    std::string out;
    for (const auto& word : value)
      out += (out.empty() ? "" : ", ") + (*this)(word);
    return out.empty() ? "[]" : "[ " + out + " ]";
  }
  std::string operator()(const std::map<std::int64_t, sdk::address>& value) const {
    std::string out;
    for (const auto& [id, where] : value) {
      out += (out.empty() ? "" : ", ") + std::to_string(id) + ": " + (*this)(where);
    }
    return out.empty() ? "{}" : "{ " + out + " }";
  }
  std::string operator()(const std::vector<std::int64_t>& value) const {
    std::string out;
    for (const auto id : value)
      out += (out.empty() ? "" : ", ") + std::to_string(id);
    return out.empty() ? "[]" : "[ " + out + " ]";
  }
  std::string operator()(const std::map<std::int64_t, std::int64_t>& value) const {
    std::string out;
    for (const auto& [id, number] : value)
      out += (out.empty() ? "" : ", ") + std::to_string(id) + ": " + std::to_string(number);
    return out.empty() ? "{}" : "{ " + out + " }";
  }
  std::string operator()(const std::vector<std::vector<std::int64_t>>& value) const {
    std::string out;
    for (const auto& group : value)
      out += (out.empty() ? "" : ", ") + (*this)(group);
    return out.empty() ? "[]" : "[ " + out + " ]";
  }
};

}  // namespace

std::optional<option_value> read_option(const option_spec& spec, const located_value& value,
                                        report& errors) {
  if (spec.kind == option_kind::list_of_text) return read_list(spec, value, errors);
  if (spec.kind == option_kind::addresses_by_id) return read_addresses(spec, value, errors);
  if (spec.kind == option_kind::ids) return read_ids(spec.name, value, errors);
  if (spec.kind == option_kind::numbers_by_id) return read_numbers(spec, value, errors);
  if (spec.kind == option_kind::groups_of_ids) return read_id_groups(spec.name, value, errors);
  if (!expect_shape(value, shape::scalar, spec.name, errors)) return std::nullopt;
  auto result = read_scalar(spec, value, errors);
  if (!result) return std::nullopt;
  const auto number = magnitude(*result);
  if (number && !in_range(spec, *number)) {
    errors.error(value.where, spec.name + " is out of range: " + value.text, range_hint(spec));
    return std::nullopt;
  }
  return result;
}

std::string format_option(const option_value& value) { return std::visit(formatter{}, value); }

std::string format_bound(const option_spec& spec, std::int64_t bound) {
  if (spec.kind == option_kind::size_bytes) return format_size(static_cast<std::uint64_t>(bound));
  if (spec.kind == option_kind::duration) return format_duration(std::chrono::nanoseconds(bound));
  return std::to_string(bound);
}

}  // namespace troupe::config
