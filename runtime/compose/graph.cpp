#include "runtime/compose/graph.hpp"

namespace troupe::compose {

namespace {

/// `tree.znode`, the plugin that brought it, and the reactor where there is a choice.
std::string subtitle(const plan& deployment, const planned_component& component) {
  auto text = component.type->name;
  if (!component.type->plugin.empty()) text += ", plugin " + component.type->plugin;
  if (deployment.reactors > 1) text += ", reactor " + std::to_string(component.reactor);
  return text;
}

/// Label of an arrow; the wire's name says nothing when it is the role's.
std::string label_of(const planned_component& component, const std::string& wire) {
  for (const auto& need : component.type->needs) {
    if (need.wire == wire && need.role.name != wire) return wire + ": " + need.role.name;
  }
  return wire;
}

}  // namespace

std::string to_mermaid(const plan& deployment) {
  // Nodes are numbered: a component may be called `end`, which Mermaid reserves.
  std::map<std::string, std::string> ids;
  std::string out = "flowchart TD\n";
  for (const auto& component : deployment.components) {
    const auto id = "c" + std::to_string(ids.size() + 1);
    ids[component.name] = id;
    out += "  " + id + "[\"" + component.name + "<br/>" + subtitle(deployment, component) + "\"]\n";
  }
  for (const auto& component : deployment.components) {
    for (const auto& [wire, target] : component.wires) {
      out += "  " + ids[component.name] + " -->|\"" + label_of(component, wire) + "\"| " +
             ids[target] + '\n';
    }
  }
  return out;
}

std::string to_dot(const plan& deployment) {
  std::string out = "digraph deployment {\n  node [shape=box];\n";
  for (const auto& component : deployment.components) {
    out += "  \"" + component.name + "\" [label=\"" + component.name + "\\n" +
           subtitle(deployment, component) + "\"];\n";
  }
  for (const auto& component : deployment.components) {
    for (const auto& [wire, target] : component.wires) {
      out += "  \"" + component.name + "\" -> \"" + target + "\" [label=\"" +
             label_of(component, wire) + "\"];\n";
    }
  }
  return out + "}\n";
}

}  // namespace troupe::compose
