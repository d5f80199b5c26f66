/// Pins what is said about plugins that do not fit, to the byte: test/golden/plugin/NAME.yaml and
/// NAME.expected, with the folder of the libraries called TOYS. With TROUPE_UPDATE_GOLDEN=1 in the
/// environment the expected texts are rewritten; read the diff.

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "runtime/compose/graph.hpp"
#include "runtime/compose/plan_load.hpp"
#include "test/unit/config/toy_types.hpp"

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// As `troupe check` would judge it in the folder of the libraries.
std::string judge(const fs::path& path, const troupe::sdk::catalog& types) {
  const std::string toys = TOY_PLUGINS;
  const auto look_up = [](const std::string&) { return std::optional<std::string>{}; };
  const auto result = troupe::compose::load_text(toys + "/" + path.filename().string(), read(path),
                                                 {}, look_up, types, {toys});
  auto said = result.value ? "ok\n" + troupe::compose::to_mermaid(*result.value) : result.errors;
  replace_all(said, fs::canonical(toys).string(), "TOYS");
  replace_all(said, toys, "TOYS");
  replace_all(said, troupe::plugin::library_plugin_directory().value(), "BUILT");
  // What this very build is like belongs to no golden text.
  said = std::regex_replace(said, std::regex("this program \"[^\"]*\""), "this program \"OURS\"");
  return said;
}

TEST_CASE("messages about plugins are the recorded ones", "[plugin][golden]") {
  const auto types = troupe::toys::types();
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  std::set<fs::path> inputs;
  for (const auto& entry : fs::directory_iterator("test/golden/plugin")) {
    if (entry.path().extension() == ".yaml") inputs.insert(entry.path());
  }
  REQUIRE(inputs.size() >= 5);
  for (const auto& input : inputs) {
    auto expected = input;
    expected.replace_extension(".expected");
    const auto said = judge(input, types);
    INFO(input.string());
    if (update) std::ofstream(expected, std::ios::binary) << said;
    CHECK(said == read(expected));
  }
}

}  // namespace
