#include "runtime/config/deployment_file.hpp"

#include <algorithm>

#include <troupe/sdk/component_type.hpp>

#include "runtime/config/fields.hpp"
#include "runtime/config/scalars.hpp"

namespace troupe::config {

namespace {

using shape = located_value::shape;

constexpr std::size_t max_name = 64;

/// Reads the parts of a deployment one by one.
class frame_reader {
public:
  frame_reader(const located_value& root, report& errors) : root_(root), errors_(errors) {}

  deployment_file run() {
    if (!check_format()) return {};
    refuse_unknown_keys(root_, {"troupe", "node", "runtime", "plugins", "components"},
                        "the deployment", errors_);
    read_node();
    read_runtime();
    read_plugins();
    read_components();
    return std::move(file_);
  }

private:
  bool check_format() {
    if (!root_.is_mapping()) {
      if (!root_.broken) {
        errors_.error(root_.where,
                      std::string{"a deployment must be a mapping, but this is "} +
                          describe(root_.kind),
                      "it begins with the line `troupe: 1`");
      }
      return false;
    }
    const auto* version = root_.find("troupe");
    if (version == nullptr) {
      missing_key("troupe", "write `troupe: 1` as the first line: the version of the format");
      return true;
    }
    const auto& value = version->value;
    if (!expect_shape(value, shape::scalar, "troupe", errors_)) return true;
    if (value.text == std::to_string(deployment_format)) return true;
    errors_.error(value.where, "this program does not read deployment format " + quoted(value.text),
                  "it reads format " + std::to_string(deployment_format));
    return false;
  }

  /// Errors about what is not there point at the start of the file.
  void missing_key(const std::string& key, std::string hint) {
    errors_.error({0, root_.where.line, root_.where.column, 1},
                  "the key " + quoted(key) + " is missing", std::move(hint));
  }

  void read_node() {
    const auto* node = root_.find("node");
    if (node == nullptr) {
      missing_key("node", "write node: { id: 1, data_dir: ./data }");
      return;
    }
    if (!expect_shape(node->value, shape::mapping, "node", errors_)) return;
    refuse_unknown_keys(node->value, {"id", "data_dir"}, "node", errors_);
    const auto* id = node->value.find("id");
    const auto* data_dir = node->value.find("data_dir");
    if (id == nullptr) {
      errors_.error(node->key.where, "node has no id",
                    "write node: { id: 1, ... }; ids go from 1 "
                    "to 254");
    } else {
      file_.node_id = read_integer(id->value, "node.id", 1, 254, 1, errors_);
    }
    if (data_dir == nullptr) {
      errors_.error(node->key.where, "node has no data_dir",
                    "write node: { data_dir: ./data, ... }");
    } else if (expect_shape(data_dir->value, shape::scalar, "node.data_dir", errors_)) {
      file_.data_dir = data_dir->value.text;
      if (file_.data_dir.empty()) errors_.error(data_dir->value.where, "node.data_dir is empty");
    }
  }

  void read_runtime() {
    const auto* runtime = root_.find("runtime");
    if (runtime == nullptr) return;
    if (!expect_shape(runtime->value, shape::mapping, "runtime", errors_)) return;
    refuse_unknown_keys(runtime->value, {"reactors"}, "runtime", errors_);
    const auto* reactors = runtime->value.find("reactors");
    if (reactors == nullptr) return;
    file_.reactors =
        read_integer(reactors->value, "runtime.reactors", 1, max_reactors, max_reactors, errors_);
  }

  void read_plugins() {
    const auto* plugins = root_.find("plugins");
    if (plugins == nullptr) return;
    const auto before = errors_.size();
    if (expect_shape(plugins->value, shape::sequence, "plugins", errors_)) {
      if (plugins->value.items.size() > max_plugins) {
        errors_.error(plugins->key.where,
                      "there are more than " + std::to_string(max_plugins) + " plugins");
      } else {
        for (const auto& plugin : plugins->value.items)
          read_plugin(plugin);
      }
    }
    file_.plugins_broken = errors_.size() != before;
  }

  void read_plugin(const located_value& plugin) {
    if (plugin.is_mapping()) return read_plugin_path(plugin);
    if (!expect_shape(plugin, shape::scalar, "a plugin", errors_)) return;
    if (plugin.text.find('/') != std::string::npos || plugin.text.ends_with(".so")) {
      errors_.error(plugin.where, quoted(plugin.text) + " is not the name of a plugin",
                    "write { path: " + plugin.text + " } for a file");
    } else if (plugin.text.empty()) {
      errors_.error(plugin.where, "the name of a plugin is empty");
    } else {
      file_.plugins.push_back({{plugin.text, plugin.where}, false});
    }
  }

  void read_plugin_path(const located_value& plugin) {
    refuse_unknown_keys(plugin, {"path"}, "a plugin", errors_);
    const auto* path = plugin.find("path");
    if (path == nullptr) {
      errors_.error(plugin.where, "this plugin has no path", "write { path: ./libmine.so }");
    } else if (expect_shape(path->value, shape::scalar, "path", errors_)) {
      if (path->value.text.empty()) {
        errors_.error(path->value.where, "the path of a plugin is empty");
      } else {
        file_.plugins.push_back({{path->value.text, path->value.where}, true});
      }
    }
  }

  void read_components() {
    const auto* components = root_.find("components");
    if (components == nullptr) {
      missing_key("components", "name what the server is made of; configs/single.yaml shows how");
      return;
    }
    if (!expect_shape(components->value, shape::mapping, "components", errors_)) return;
    if (components->value.entries.empty()) {
      errors_.error(components->key.where, "there are no components",
                    "configs/single.yaml shows a small deployment");
    }
    if (components->value.entries.size() > max_components) {
      errors_.error(components->key.where,
                    "there are more than " + std::to_string(max_components) + " components");
      return;
    }
    for (const auto& entry : components->value.entries) {
      if (!entry.key.text.empty()) read_component(entry);
    }
  }

  void check_name(const located_text& name) {
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    const bool fits = name.text.size() <= max_name && name.text[0] >= 'a' && name.text[0] <= 'z' &&
                      std::all_of(name.text.begin(), name.text.end(), allowed);
    if (!fits) {
      errors_.error(name.where, quoted(name.text) + " is not a component name",
                    "a name is a lower-case letter and then at most " +
                        std::to_string(max_name - 1) + " of a-z, 0-9, _ and -");
    } else if (name.text == "node" || name.text == "runtime") {
      errors_.error(name.where, "a component cannot be called " + quoted(name.text),
                    "--set could not tell it from the section of that name");
    }
  }

  void read_component(const located_entry& entry) {
    check_name(entry.key);
    component_entry component;
    component.name = entry.key;
    component.options.kind = shape::mapping;
    if (expect_shape(entry.value, shape::mapping, "component " + quoted(entry.key.text), errors_)) {
      for (const auto& field : entry.value.entries)
        read_field(field, component);
      if (entry.value.find("type") == nullptr) {
        errors_.error(entry.key.where, "component " + quoted(entry.key.text) + " has no type",
                      "write `type: ...`; `troupe describe` lists the types");
      }
    }
    file_.components.push_back(std::move(component));
  }

  void read_field(const located_entry& field, component_entry& component) {
    const auto& key = field.key.text;
    const auto& value = field.value;
    if (key == "type") {
      if (expect_shape(value, shape::scalar, "type", errors_)) {
        component.type = {value.text, value.where};
      }
    } else if (key == "on") {
      component.reactor = read_reactor(value);
    } else if (key == "wires") {
      component.wires_broken = !expect_shape(value, shape::mapping, "wires", errors_);
      if (!component.wires_broken) read_wires(value, component);
    } else {
      component.options.entries.push_back(field);
    }
  }

  std::int64_t read_reactor(const located_value& value) {
    if (!expect_shape(value, shape::scalar, "on", errors_)) return 0;
    const auto number = parse_integer(value.text);
    const auto count = file_.reactors;
    if (number.value && *number.value >= 0 && *number.value < count) return *number.value;
    errors_.error(value.where, "there is no reactor " + quoted(value.text),
                  count == 1 ? "the only reactor is number 0; runtime: { reactors: N } makes more"
                             : "reactors are numbered from 0 to " + std::to_string(count - 1));
    return 0;
  }

  void read_wires(const located_value& wires, component_entry& component) {
    for (const auto& wire : wires.entries) {
      if (wire.key.text.empty()) continue;
      const auto name = "wire " + quoted(wire.key.text);
      if (expect_shape(wire.value, shape::scalar, name, errors_)) {
        component.wires.push_back({wire.key, {wire.value.text, wire.value.where}});
      } else {
        component.wires_broken = true;
      }
    }
  }

  const located_value& root_;
  report& errors_;
  deployment_file file_;
};

}  // namespace

deployment_file read_deployment(const located_value& root, report& errors) {
  return frame_reader(root, errors).run();
}

}  // namespace troupe::config
