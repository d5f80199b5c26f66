#include "runtime/compose/plan.hpp"

#include <algorithm>

#include "runtime/compose/plan_order.hpp"
#include "runtime/compose/plan_wires.hpp"
#include "runtime/config/option_reader.hpp"

namespace troupe::compose {

namespace {

/// @param incomplete a plugin is missing, so that a type may be unknown because of that.
const sdk::component_type* find_type(const config::component_entry& entry,
                                     const sdk::catalog& types, bool incomplete,
                                     config::report& errors) {
  if (entry.type.text.empty()) {
    // A missing type is reported already; one that is there but empty is not.
    if (entry.type.where.line > 0) {
      errors.error(entry.type.where, "the type is empty", "`troupe describe` lists the types");
    }
    return nullptr;
  }
  const auto* type = types.find(entry.type.text);
  if (type == nullptr) {
    const auto meant = types.suggest(entry.type.text);
    if (meant.empty() && incomplete) return nullptr;
    errors.error(entry.type.where, "there is no component type " + config::quoted(entry.type.text),
                 meant.empty() ? "`troupe describe` lists the types"
                               : "did you mean " + config::quoted(meant) + "?");
  }
  return type;
}

}  // namespace

const planned_component* plan::find(std::string_view name) const {
  const auto found = std::find_if(components.begin(), components.end(),
                                  [&](const planned_component& c) { return c.name == name; });
  return found == components.end() ? nullptr : &*found;
}

plan make_plan(const config::deployment_file& file, const sdk::catalog& types,
               config::report& errors) {
  plan result;
  result.node_id = static_cast<std::uint8_t>(file.node_id);
  result.data_dir = file.data_dir;
  result.reactors = static_cast<std::size_t>(file.reactors);
  std::vector<wiring> members;
  for (const auto& entry : file.components) {
    members.push_back({&entry, find_type(entry, types, file.plugins_broken, errors), {}});
  }
  resolve_wires(members, types, errors);
  for (const auto index : wiring_order(members, errors)) {
    const auto& member = members[index];
    planned_component component;
    component.name = member.entry->name.text;
    component.type = member.type;
    component.reactor = static_cast<std::size_t>(member.entry->reactor);
    if (member.type != nullptr) {
      component.options =
          config::read_options(*member.entry, *member.type, server_id{result.node_id}, errors);
    }
    for (const auto& [wire, target] : member.wires) {
      component.wires[wire] = members[target].entry->name.text;
    }
    result.components.push_back(std::move(component));
  }
  return result;
}

}  // namespace troupe::compose
