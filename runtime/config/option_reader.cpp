#include "runtime/config/option_reader.hpp"

#include <algorithm>

#include "runtime/config/fields.hpp"
#include "runtime/config/option_scalar.hpp"

namespace troupe::config {

namespace {

using sdk::component_type;
using sdk::option_spec;
using shape = located_value::shape;

/// Matches the keys of one component with the declared options.
class option_reader {
public:
  option_reader(const component_entry& component, const component_type& type, server_id server,
                report& errors)
      : component_(component), type_(type), server_(server), errors_(errors) {}

  sdk::option_values run() {
    const auto before = errors_.size();
    values_ = sdk::option_values::defaults_of(type_.options);
    for (const auto& entry : component_.options.entries)
      read_top(entry);
    refuse_missing();
    if (errors_.size() == before && !broken_ && type_.check) tell(type_.check(values_));
    if (errors_.size() == before && !broken_ && type_.check_for_server) {
      tell(type_.check_for_server(values_, server_));
    }
    return std::move(values_);
  }

private:
  const option_spec* find(std::string_view name) const {
    const auto found = std::find_if(type_.options.begin(), type_.options.end(),
                                    [&](const option_spec& spec) { return spec.name == name; });
    return found == type_.options.end() ? nullptr : &*found;
  }

  /// Options of a group without the group's name; empty when there is no such group.
  std::vector<std::string> members_of(const std::string& group) const {
    std::vector<std::string> members;
    for (const auto& spec : type_.options) {
      if (spec.name.starts_with(group + '.')) members.push_back(spec.name.substr(group.size() + 1));
    }
    return members;
  }

  void read_top(const located_entry& entry) {
    const auto& key = entry.key.text;
    if (key.empty()) return;
    if (const auto* spec = find(key); spec != nullptr && key.find('.') == std::string::npos) {
      read(*spec, entry);
      return;
    }
    const auto members = members_of(key);
    if (members.empty()) {
      refuse_unknown(entry.key);
    } else {
      read_group(entry, members);
    }
  }

  void read_group(const located_entry& group, const std::vector<std::string>& members) {
    const auto& name = group.key.text;
    if (group.value.broken) return;
    if (!group.value.is_mapping()) {
      std::string example;
      for (const auto& member : members)
        example += (example.empty() ? "" : ", ") + member + ": ...";
      errors_.error(group.value.where, name + " is a group of options",
                    "write " + name + ": { " + example + " }");
      return;
    }
    refuse_unknown_keys(group.value, members, name, errors_);
    for (const auto& entry : group.value.entries) {
      if (const auto* spec = find(name + '.' + entry.key.text)) read(*spec, entry);
    }
  }

  void read(const option_spec& spec, const located_entry& entry) {
    places_.push_back({spec.name, entry.value.where});
    if (auto value = read_option(spec, entry.value, errors_)) {
      values_.set(spec.name, std::move(*value));
    } else {
      broken_ = true;
    }
  }

  void refuse_unknown(const located_text& key) {
    std::vector<std::string> known{"type", "on", "wires"};
    for (const auto& spec : type_.options) {
      const auto top = spec.name.substr(0, spec.name.find('.'));
      if (known.back() != top) known.push_back(top);
    }
    std::string hint;
    if (const auto dot = key.text.find('.'); dot != std::string::npos && find(key.text)) {
      hint = "write " + key.text.substr(0, dot) + ": { " + key.text.substr(dot + 1) + ": ... }";
    } else if (const auto meant = sdk::nearest(key.text, known); !meant.empty()) {
      hint = "did you mean " + quoted(meant) + "?";
    } else if (type_.options.empty()) {
      hint = type_.name + " has no options";
    } else {
      hint = "its options: " + all_of({known.begin() + 3, known.end()});
    }
    errors_.error(key.where, type_.name + " has no option " + quoted(key.text), std::move(hint));
  }

  void refuse_missing() {
    for (const auto& spec : type_.options) {
      if (!spec.required || place_of(spec.name) != nullptr) continue;
      const auto dot = spec.name.find('.');
      auto example = spec.name + ": " + (spec.example.empty() ? "..." : spec.example);
      if (dot != std::string::npos) {
        example = spec.name.substr(0, dot) + ": { " + example.substr(dot + 1) + " }";
      }
      errors_.error(component_.name.where,
                    "component " + quoted(component_.name.text) + " lacks the option " + spec.name,
                    "write " + example + (spec.doc.empty() ? "" : " (" + spec.doc + ")"));
    }
  }

  void tell(std::vector<sdk::option_problem> problems) {
    for (auto& problem : problems) {
      const auto* where = place_of(problem.option);
      errors_.error(where != nullptr ? *where : component_.name.where, std::move(problem.message),
                    std::move(problem.hint));
    }
  }

  const place* place_of(std::string_view option) const {
    for (const auto& [name, where] : places_) {
      if (name == option) return &where;
    }
    return nullptr;
  }

  const component_entry& component_;
  const component_type& type_;
  const server_id server_;
  report& errors_;
  sdk::option_values values_;
  bool broken_ = false;
  std::vector<std::pair<std::string, place>> places_;
};

}  // namespace

sdk::option_values read_options(const component_entry& component, const component_type& type,
                                server_id server, report& errors) {
  return option_reader(component, type, server, errors).run();
}

}  // namespace troupe::config
