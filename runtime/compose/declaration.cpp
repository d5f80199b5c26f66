#include "runtime/compose/declaration.hpp"

#include <algorithm>
#include <set>

#include "runtime/config/option_scalar.hpp"

namespace troupe::compose {

namespace {

/// Lower-case words joined by at most `dots` dots.
bool is_identifier(const std::string& name, std::ptrdiff_t dots) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         std::all_of(name.begin(), name.end(), allowed) &&
         std::count(name.begin(), name.end(), '.') <= dots;
}

/// Why a scalar default or example would be refused if it stood in a file, or an empty string.
std::string refusal(const sdk::option_spec& spec, std::string text) {
  config::report errors;
  config::located_value value;
  value.kind = config::located_value::shape::scalar;
  value.text = std::move(text);
  value.where.source = errors.add_source({spec.name, value.text});
  if (config::read_option(spec, value, errors)) return {};
  return errors.sorted().front().message;
}

bool is_collection(sdk::option_kind kind) {
  using enum sdk::option_kind;
  return kind == list_of_text || kind == addresses_by_id || kind == ids || kind == numbers_by_id ||
         kind == groups_of_ids;
}

std::string mistake_in(const sdk::option_spec& spec) {
  if (!is_identifier(spec.name, 1)) return "an option name is lower-case, with at most one dot";
  const auto top = spec.name.substr(0, spec.name.find('.'));
  if (top == "type" || top == "on" || top == "wires") return "the name is reserved";
  if (spec.doc.empty()) return "it has no doc";
  const bool has_default = !std::holds_alternative<std::monostate>(spec.default_value);
  if (spec.required && spec.example.empty()) return "a required option needs an example";
  if (is_collection(spec.kind)) return {};
  if (has_default && spec.kind != sdk::option_kind::text) {
    const auto* choice = std::get_if<std::string>(&spec.default_value);
    const auto* where = std::get_if<sdk::address>(&spec.default_value);
    auto text = choice  ? *choice
                : where ? sdk::to_string(*where)
                        : config::format_option(spec.default_value);
    if (auto why = refusal(spec, std::move(text)); !why.empty()) return "its default: " + why;
  }
  return {};
}

}  // namespace

std::string find_mistake(const sdk::component_type& type) {
  if (!is_identifier(type.name, 1)) return "a type name is lower-case, with at most one dot";
  if (type.gives.name.empty()) return "it gives no role";
  if (type.summary.empty()) return "it has no summary";
  std::set<std::string> wires;
  for (const auto& need : type.needs) {
    if (!is_identifier(need.wire, 0)) return "a wire name is lower-case, without dots";
    if (!wires.insert(need.wire).second) return "two needs use the wire " + need.wire;
  }
  std::set<std::string> options;
  std::set<std::string> groups;
  std::string group;
  for (const auto& spec : type.options) {
    const auto mistake = mistake_in(spec);
    if (!mistake.empty()) return "option " + spec.name + ": " + mistake;
    if (!options.insert(spec.name).second) return "two options are called " + spec.name;
    const auto dot = spec.name.find('.');
    const auto top = spec.name.substr(0, dot);
    if (top != group && !groups.insert(top).second) {
      return "option " + spec.name + " shares its first word with one that is not beside it";
    }
    if (top == group && (dot == std::string::npos || options.contains(top))) {
      return "option " + spec.name + " and the group " + top + " have one name";
    }
    group = top;
  }
  return {};
}

}  // namespace troupe::compose
