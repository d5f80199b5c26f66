/// Pins every message about a deployment file, to the byte: test/golden/config/NAME.yaml and what
/// is said about it in NAME.expected. With TROUPE_UPDATE_GOLDEN=1 in the environment the expected
/// texts are rewritten; read the diff. Lines of the form `#! --set PATH=VALUE` and
/// `#! env NAME=VALUE` at the top of a file are what the command line and the environment hold.

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "runtime/compose/graph.hpp"
#include "runtime/compose/plan_load.hpp"
#include "test/unit/config/toy_types.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path folder = "test/golden/config";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string judge(const fs::path& path, const troupe::sdk::catalog& types) {
  const auto text = read(path);
  std::vector<std::string> settings;
  std::map<std::string, std::string> variables;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("#! ");) {
    if (line.starts_with("#! --set ")) settings.push_back(line.substr(9));
    const auto equals = line.find('=');
    if (line.starts_with("#! env "))
      variables[line.substr(7, equals - 7)] = line.substr(equals + 1);
  }
  const auto look_up = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  const auto result =
      troupe::compose::load_text(path.filename().string(), text, settings, look_up, types);
  return result.value ? "ok\n" + troupe::compose::to_mermaid(*result.value) : result.errors;
}

TEST_CASE("messages about deployment files are the recorded ones", "[config][golden]") {
  const auto types = troupe::toys::types();
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  std::set<fs::path> inputs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") inputs.insert(entry.path());
  }
  REQUIRE(inputs.size() >= 40);
  for (const auto& input : inputs) {
    auto expected = input;
    expected.replace_extension(".expected");
    const auto said = judge(input, types);
    INFO(input.string());
    if (update) std::ofstream(expected, std::ios::binary) << said;
    CHECK(said == read(expected));
  }
}

TEST_CASE("every recorded message belongs to a deployment file", "[config][golden]") {
  for (const auto& entry : fs::directory_iterator(folder)) {
    auto input = entry.path();
    INFO(input.string());
    CHECK(fs::exists(input.replace_extension(".yaml")));
  }
}

}  // namespace
