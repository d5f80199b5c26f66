#include "runtime/compose/describe.hpp"

#include <algorithm>
#include <map>

#include "runtime/config/diagnostic.hpp"
#include "runtime/config/option_scalar.hpp"

namespace troupe::compose {

namespace {

using sdk::component_type;
using sdk::option_kind;
using sdk::option_spec;

std::string kind_name(const option_spec& spec) {
  switch (spec.kind) {
  case option_kind::boolean:
    return "true or false";
  case option_kind::integer:
    return spec.unit.empty() ? "number" : "number of " + spec.unit;
  case option_kind::size_bytes:
    return "size";
  case option_kind::duration:
    return "duration";
  case option_kind::text:
    return "text";
  case option_kind::choice:
    return "one of " + config::one_of(spec.choices);
  case option_kind::address:
    return "host:port";
  case option_kind::list_of_text:
    return "list of texts";
  case option_kind::addresses_by_id:
    return "mapping from server id to host:port";
  case option_kind::ids:
    return "list of server ids";
  case option_kind::numbers_by_id:
    return spec.unit.empty() ? "mapping from server id to number"
                             : "mapping from server id to number of " + spec.unit;
  case option_kind::groups_of_ids:
    return "list of lists of server ids";
  }
  return {};
}

std::string default_of(const option_spec& spec) {
  if (spec.required) return "required";
  if (std::holds_alternative<std::monostate>(spec.default_value)) return "not set by default";
  return "default " + config::format_option(spec.default_value);
}

const char* policy_text(sdk::failure_policy policy) {
  switch (policy) {
  case sdk::failure_policy::stop_node:
    return "the server stops";
  case sdk::failure_policy::restart:
    return "it is started again, with back-off";
  case sdk::failure_policy::dispensable:
    return "it is started again, with back-off; the server goes on and is ready without it";
  }
  return "";
}

std::string role_text(const sdk::role_ref& role) {
  return role.name + ", version " + std::to_string(role.version);
}

std::string role_yaml(const sdk::role_ref& role) {
  return "role: " + role.name + ", version: " + std::to_string(role.version);
}

/// Free text as a YAML scalar.
std::string yaml_text(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string option_yaml(const option_spec& spec, const std::string& indent) {
  const bool has_default = !std::holds_alternative<std::monostate>(spec.default_value);
  std::string out = indent + spec.name + ":\n";
  const auto line = [&](const std::string& key, const std::string& value) {
    out += indent + "  " + key + ": " + value + '\n';
  };
  line("doc", yaml_text(spec.doc));
  line("takes", yaml_text(describe_option(spec)));
  line("required", spec.required ? "true" : "false");
  if (has_default) line("default", config::format_option(spec.default_value));
  return out;
}

}  // namespace

const char* name_of(sdk::failure_policy policy) {
  switch (policy) {
  case sdk::failure_policy::stop_node:
    return "stop_node";
  case sdk::failure_policy::restart:
    return "restart";
  case sdk::failure_policy::dispensable:
    return "dispensable";
  }
  return "";
}

std::string describe_option(const option_spec& spec) {
  auto out = kind_name(spec);
  if (spec.minimum && spec.maximum) {
    out += ", from " + config::format_bound(spec, *spec.minimum) + " to " +
           config::format_bound(spec, *spec.maximum);
  } else if (spec.minimum) {
    out += ", at least " + config::format_bound(spec, *spec.minimum);
  } else if (spec.maximum) {
    out += ", at most " + config::format_bound(spec, *spec.maximum);
  }
  return out;
}

std::string describe_types(const sdk::catalog& types) {
  std::map<std::string, std::vector<const component_type*>> by_role;
  std::size_t width = 0;
  for (const auto* type : types.all()) {
    by_role[type->gives.name].push_back(type);
    width = std::max(width, type->name.size());
  }
  std::string out;
  for (const auto& [role, givers] : by_role) {
    out += (out.empty() ? "" : "\n") + role + '\n';
    for (const auto* type : givers) {
      out += "  " + padded(type->name, width) + "  " + type->summary +
             (type->plugin.empty() ? "" : " (plugin " + type->plugin + ')') + '\n';
    }
  }
  return out + "\n`troupe describe TYPE` shows what a type needs and its options.\n";
}

std::string describe_types_yaml(const sdk::catalog& types) {
  std::string out;
  for (const auto* type : types.all())
    out += describe_type_yaml(*type);
  return out.empty() ? "{}\n" : out;
}

std::string describe_type(const component_type& type) {
  std::string out = type.name + ": " + type.summary + "\n\n";
  if (!type.plugin.empty()) out += "plugin      " + type.plugin + '\n';
  out += "gives       " + role_text(type.gives) + '\n';
  if (type.needs.empty()) out += "needs       nothing\n";
  for (const auto& need : type.needs) {
    out += "needs       " + role_text(need.role) + " (wire " + need.wire +
           (need.optional ? ", optional)\n" : ")\n");
  }
  out += std::string{"on failure  "} + policy_text(type.on_failure) + '\n';
  if (type.options.empty()) return out + "options     none\n";
  out += "options\n";
  for (const auto& spec : type.options) {
    out += "  " + spec.name + "  (" + describe_option(spec) + "; " + default_of(spec) + ")\n";
    out += "      " + spec.doc + '\n';
  }
  return out;
}

std::string describe_type_yaml(const component_type& type) {
  std::string out = type.name + ":\n  summary: " + yaml_text(type.summary) + '\n';
  if (!type.plugin.empty()) out += "  plugin: " + type.plugin + '\n';
  out += "  gives: { " + role_yaml(type.gives) + " }\n";
  out += type.needs.empty() ? "  needs: {}\n" : "  needs:\n";
  for (const auto& need : type.needs) {
    out += "    " + need.wire + ": { " + role_yaml(need.role) +
           ", optional: " + (need.optional ? "true" : "false") + " }\n";
  }
  out += std::string{"  on_failure: "} + name_of(type.on_failure) + '\n';
  out += type.options.empty() ? "  options: {}\n" : "  options:\n";
  for (const auto& spec : type.options)
    out += option_yaml(spec, "    ");
  return out;
}

}  // namespace troupe::compose
