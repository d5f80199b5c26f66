#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/cli/commands.hpp"
#include "runtime/compose/describe.hpp"
#include "runtime/compose/graph.hpp"
#include "runtime/compose/plan_load.hpp"
#include "test/unit/config/toy_types.hpp"

using namespace troupe;
namespace fs = std::filesystem;

namespace {

const std::string folder = TOY_PLUGINS;

config::environment with_path(const std::string& directories) {
  return [directories](const std::string& name) {
    return name == plugin::path_variable ? std::optional{directories} : std::nullopt;
  };
}

std::string deployment(const std::string& plugins) {
  return "troupe: 1\nnode: { id: 1, data_dir: d }\nplugins: " + plugins +
         "\ncomponents:\n  one: { type: toy.one }\n  two: { type: toy.two }\n";
}

compose::load_result load(const std::string& plugins, const std::string& path = {},
                          const std::vector<std::string>& first = {},
                          const std::string& file = "test.yaml") {
  return compose::load_text(file, deployment(plugins), {}, with_path(path), toys::types(), first);
}

TEST_CASE("a plugin's types are known, and say where they come from", "[plugin]") {
  const auto types = toys::types();
  const auto known = types.all().size();
  const auto loaded = compose::load_text("f", deployment("[ good ]"), {}, with_path(folder), types);
  INFO(loaded.errors);
  REQUIRE(loaded.value);
  const auto& plan = *loaded.value;
  REQUIRE(plan.plugins.size() == 1);
  CHECK(plan.plugins[0].name == "good");
  CHECK(plan.plugins[0].version == "1.2.3");
  CHECK(plan.plugins[0].summary == "Two toys");
  CHECK(plan.plugins[0].path == fs::canonical(folder + "/libtroupe_good.so").string());
  CHECK(plan.find("one")->type->plugin == "good");
  CHECK(plan.find("two")->wires.at("toy") == "one");
  // The catalog that was given is as it was; that of the plan has all.
  CHECK(types.all().size() == known);
  REQUIRE(plan.types);
  CHECK(plan.types->all().size() == known + 2);
  CHECK(plan.types->find("tree.znode")->plugin.empty());
}

TEST_CASE("a plan outlives what it was loaded with, and can be copied", "[plugin]") {
  std::optional<compose::plan> copy;
  {
    auto loaded = load("[ good ]", folder);
    REQUIRE(loaded.value);
    copy = *loaded.value;
  }
  CHECK(copy->find("one")->type->name == "toy.one");
}

TEST_CASE("several deployments of a process load the same plugin", "[plugin]") {
  const auto first = load("[ good ]", folder);
  const auto second = load("[ good ]", folder);
  REQUIRE(first.value);
  REQUIRE(second.value);
  CHECK(first.value->types != second.value->types);
}

TEST_CASE("where plugins are looked for", "[plugin]") {
  const auto empty = folder + "/directory.so";
  CHECK(load("[ good ]", "/nowhere::" + empty + ":" + folder).value);
  CHECK(load("[ good ]", "", {empty, folder}).value);
  CHECK(load("[ { path: libtroupe_good.so } ]", "", {}, folder + "/deployment.yaml").value);
  CHECK(
      load("[ { path: ./directory.so/../libtroupe_good.so } ]", "", {}, folder + "/d.yaml").value);
  CHECK(load("[ { path: " + folder + "/libtroupe_good.so } ]").value);
  CHECK(load("[ { path: \"${TROUPE_PLUGIN_PATH}/link.so\" } ]", folder).value);
  CHECK_FALSE(load("[ good ]").value);
  CHECK_FALSE(load("[ { path: libtroupe_good.so } ]", folder).value);
}

TEST_CASE("the directory given first wins", "[plugin]") {
  const auto mine = fs::temp_directory_path() / ("troupe-plugins-" + std::to_string(::getpid()));
  fs::create_directories(mine);
  fs::copy_file(folder + "/libtroupe_good.so", mine / "libtroupe_good.so",
                fs::copy_options::overwrite_existing);
  const auto loaded = load("[ good ]", folder, {mine.string()});
  const auto path = fs::canonical(mine / "libtroupe_good.so").string();
  fs::remove_all(mine);
  INFO(loaded.errors);
  REQUIRE(loaded.value);
  CHECK(loaded.value->plugins[0].path == path);
}

TEST_CASE("the library's own directory of plugins is beside it", "[plugin]") {
  const auto directory = plugin::library_plugin_directory();
  REQUIRE(directory);
  CHECK(directory->ends_with("/lib/troupe/plugins"));
  CHECK(plugin::search_path::of_program({"a"}, with_path("b::c")).text() ==
        "a (no such directory), b (no such directory), c (no such directory) and " + *directory);
}

TEST_CASE("a plugin that fails half-way leaves no types", "[plugin]") {
  // `throwing` adds variant.one before it throws; the next plugin may still bring that name.
  for (const char* broken : {"throwing", "throwing_number", "twice", "built_in_type"}) {
    sdk::catalog types = toys::types();
    const auto known = types.all().size();
    config::report errors;
    errors.add_source({"f", "x"});
    const plugin::search_path where{{folder}};
    const auto file = folder + "/libtroupe_" + broken + ".so";
    const std::vector<config::plugin_entry> wanted{{{file, {0, 1, 1, 1}}, true}};
    CHECK(plugin::load_plugins(wanted, {}, where, types, errors).empty());
    CHECK(errors.size() == 1);
    CHECK(types.all().size() == known);
  }
}

TEST_CASE("a type that is unknown because its plugin is missing is not told as well", "[plugin]") {
  CHECK(load("[ goood ]", folder).errors.find("component type") == std::string::npos);
  const auto misspelt =
      compose::load_text("f",
                         "troupe: 1\nnode: { id: 1, data_dir: d }\nplugins: [ nothing ]\n"
                         "components:\n  tree: { type: tree.znod }\n",
                         {}, with_path(folder), toys::types());
  CHECK(misspelt.errors.find("did you mean \"tree.znode\"?") != std::string::npos);
}

struct outcome {
  int code;
  std::string out;
  std::string err;
};

outcome troupe_program(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "troupe");
  const auto types = toys::types();
  std::ostringstream out;
  std::ostringstream err;
  const auto code = cli::main_program(static_cast<int>(arguments.size()), arguments.data(),
                                      {types, {}, {}, with_path(""), out, err});
  return {code, out.str(), err.str()};
}

TEST_CASE("commands show what plugins bring", "[plugin][cli]") {
  const auto* path = TOY_PLUGINS;
  const auto type =
      troupe_program({"describe", "toy.one", "--plugin", "good", "--plugin-path", path});
  CHECK(type.err.empty());
  CHECK(type.out.find("\nplugin      good\n") != std::string::npos);
  const auto all = troupe_program({"describe", "--plugin", TOY_PLUGINS "/libtroupe_good.so"});
  CHECK(all.out.find("A toy. (plugin good)") != std::string::npos);
  const auto yaml = troupe_program(
      {"describe", "toy.one", "--format", "yaml", "--plugin", "good", "--plugin-path", path});
  CHECK(yaml.out.find("\n  plugin: good\n") != std::string::npos);
  const auto options =
      troupe_program({"describe", "--all-options", "--plugin", "good", "--plugin-path", path});
  CHECK(options.out.find("\nplugins: [ good ]         # shared") != std::string::npos);
  const auto version = troupe_program({"version", "--plugin", "good", "--plugin-path", path});
  CHECK(version.code == 0);
  CHECK(version.out.find("\nplugin good        1.2.3  Two toys (/") != std::string::npos);
  CHECK(version.out.find("\nplugin ABI         1\n") != std::string::npos);
}

TEST_CASE("plugins of the command line are refused like others", "[plugin][cli]") {
  const auto wrong = troupe_program({"describe", "--plugin", "good", "--plugin", "./gone.so"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.starts_with("--plugin #1: error: there is no plugin \"good\": no "
                              "libtroupe_good.so in "));
  CHECK(wrong.err.find("--plugin #2: error: there is no plugin gone.so: No such file") !=
        std::string::npos);
  CHECK(troupe_program({"version", "--plugin", "good"}).code == 2);
}

TEST_CASE("check and graph load plugins", "[plugin][cli]") {
  const auto file = fs::temp_directory_path() / ("troupe-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(file) << deployment("[ good ]");
  const auto name = file.string();
  const auto checked = troupe_program({"check", name.c_str(), "--plugin-path", TOY_PLUGINS});
  const auto drawn = troupe_program({"graph", name.c_str(), "--plugin-path", TOY_PLUGINS});
  fs::remove(file);
  CHECK(checked.code == 0);
  CHECK(checked.out.find("\n  plugin good 1.2.3 from /") != std::string::npos);
  CHECK(drawn.out.find("[\"one<br/>toy.one, plugin good\"]") != std::string::npos);
}

}  // namespace
