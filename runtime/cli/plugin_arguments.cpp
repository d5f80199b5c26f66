#include "runtime/cli/plugin_arguments.hpp"

#include <ostream>

namespace troupe::cli {

std::unique_ptr<extended_types> load_plugins(const plugin_request& request,
                                             const surroundings& around) {
  config::report errors;
  std::vector<config::plugin_entry> wanted;
  for (const auto& word : request.plugins) {
    const auto number = std::to_string(wanted.size() + 1);
    const auto source = errors.add_source({"--plugin #" + number, word, false});
    const auto length = static_cast<std::uint32_t>(config::count_characters(word));
    const bool is_path = word.find('/') != std::string::npos || word.ends_with(".so");
    wanted.push_back({{word, {source, 1, 1, length}}, is_path});
  }
  auto result = std::make_unique<extended_types>(extended_types{around.types, {}});
  const auto where = plugin::search_path::of_program(request.directories, around.variables);
  result->plugins = plugin::load_plugins(wanted, {}, where, result->types, errors);
  if (errors.empty()) return result;
  around.err << errors.text();
  return nullptr;
}

}  // namespace troupe::cli
