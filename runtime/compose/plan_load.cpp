#include "runtime/compose/plan_load.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/config/overlay.hpp"
#include "runtime/config/yaml_reader.hpp"

namespace troupe::compose {

namespace {

load_result refuse(const std::string& path, std::string message, std::string hint) {
  config::report errors;
  const auto source = errors.add_source({path, {}});
  errors.error({source, 0, 0, 0}, std::move(message), std::move(hint));
  return {std::nullopt, errors.text()};
}

/// What the plugins of a deployment add.
struct additions {
  std::shared_ptr<const sdk::catalog> types;  ///< known and new ones; null without plugins
  std::vector<plugin::loaded_plugin> plugins;
};

additions load_plugins(config::deployment_file& file, const std::string& name,
                       const plugin::search_path& where, const sdk::catalog& known,
                       config::report& errors) {
  if (file.plugins.empty()) return {};
  const auto types = std::make_shared<sdk::catalog>(known);
  const auto base = std::filesystem::path{name}.parent_path().string();
  auto plugins = plugin::load_plugins(file.plugins, base, where, *types, errors);
  if (plugins.size() != file.plugins.size()) file.plugins_broken = true;
  return {types, std::move(plugins)};
}

void remove_byte_order_mark(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
}

}  // namespace

load_result load_text(const std::string& name, std::string text,
                      const std::vector<std::string>& settings,
                      const config::environment& variables, const sdk::catalog& types,
                      const std::vector<std::string>& plugin_path) {
  remove_byte_order_mark(text);
  config::report errors;
  const auto source = errors.add_source({name, std::move(text)});
  auto root = config::read_yaml(source, errors);
  if (!root) return {std::nullopt, errors.text()};
  config::apply_overlays(*root, settings, errors);
  config::expand_environment(*root, variables, errors);
  auto file = config::read_deployment(*root, errors);
  auto brought = load_plugins(file, name, plugin::search_path::of_program(plugin_path, variables),
                              types, errors);
  auto result = make_plan(file, brought.types ? *brought.types : types, errors);
  if (!errors.empty()) return {std::nullopt, errors.text()};
  result.source = name;
  result.plugins = std::move(brought.plugins);
  result.types = std::move(brought.types);
  return {std::move(result), {}};
}

load_result load_file(const std::string& path, const std::vector<std::string>& settings,
                      const config::environment& variables, const sdk::catalog& types,
                      const std::vector<std::string>& plugin_path) {
  std::error_code ignored;  // what matters is told by opening and reading the file
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) {
    return refuse(path, "this is a directory, not a deployment file",
                  "name the file in it, such as " + path +
                      (path.ends_with('/') ? "single.yaml" : "/single.yaml"));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return refuse(path, std::string{"the file cannot be opened: "} + std::strerror(errno),
                  "give the path of a deployment file; configs/single.yaml is one");
  }
  // One byte more than allowed shows that the file is too large; the rest need not be read.
  std::string text(config::yaml_limits{}.max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {
    return refuse(path, std::string{"the file cannot be read: "} + std::strerror(errno), {});
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load_text(path, std::move(text), settings, variables, types, plugin_path);
}

}  // namespace troupe::compose
