#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <troupe/base/check.hpp>

#include "runtime/compose/plan.hpp"
#include "runtime/config/overlay.hpp"
#include "runtime/config/yaml_reader.hpp"
#include "test/fuzz/targets.hpp"
#include "test/unit/config/toy_types.hpp"

namespace troupe::fuzz {
namespace {

const std::string file_name = "deployment.yaml";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `deployment.yaml: error: `, `deployment.yaml:3:14: error: ` or `--set #1: error: `.
bool is_located(std::string_view line) {
  const bool of_file = line.starts_with(file_name);
  if (!of_file && !line.starts_with("--set #")) return false;
  line.remove_prefix(of_file ? file_name.size() : 7);
  const auto place = line.substr(0, line.find(": error: "));
  return place.size() < line.size() &&
         std::all_of(place.begin(), place.end(), [](char c) { return is_digit(c) || c == ':'; });
}

/// Every message says where; nothing in it can fool a terminal.
void check_messages(std::string_view text) {
  TROUPE_CHECK(text.ends_with("nothing was started\n"), "the errors are counted");
  std::size_t located = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    for (const char c : line)
      TROUPE_CHECK(c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'),
                   "messages are plain text");
    if (line.starts_with("  ") || text.empty() || line.starts_with("... and ")) continue;
    // A margin with a large line number begins further left.
    if (is_digit(line.front()) && line.find(" |") != std::string_view::npos) continue;
    TROUPE_CHECK(is_located(line), "every error says where it is");
    ++located;
  }
  TROUPE_CHECK(located > 0, "a refusal has a reason");
}

}  // namespace

void deployment(std::string_view input) {
  static const auto types = toys::types();
  const auto text = input.substr(0, input.find('\0'));
  input.remove_prefix(std::min(input.size(), text.size() + 1));
  std::vector<std::string> settings;
  while (!input.empty()) {
    settings.emplace_back(input.substr(0, input.find('\0')));
    input.remove_prefix(std::min(input.size(), settings.back().size() + 1));
  }
  const auto variables = [](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional<std::string>{"a value with ${HOME}"} : std::nullopt;
  };
  // Step by step as when a file is loaded, but that no plugins are: they are programs.
  config::report errors;
  auto root = config::read_yaml(errors.add_source({file_name, std::string{text}}), errors);
  TROUPE_CHECK(root || !errors.empty(), "a tree, or errors");
  if (root) {
    config::apply_overlays(*root, settings, errors);
    config::expand_environment(*root, variables, errors);
    auto file = config::read_deployment(*root, errors);
    file.plugins.clear();
    const auto plan = compose::make_plan(file, types, errors);
    TROUPE_CHECK(!errors.empty() || plan.components.size() == file.components.size(),
                 "a whole plan, or errors");
  }
  if (!errors.empty()) check_messages(errors.text());
}

}  // namespace troupe::fuzz
