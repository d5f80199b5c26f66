#include <catch2/catch.hpp>

#include <sstream>

#include "runtime/cli/commands.hpp"
#include "test/unit/config/toy_types.hpp"

using namespace troupe;

namespace {

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
                                      {types,
                                       {},
                                       {{"log format", "7"}},
                                       [](const std::string&) { return std::nullopt; },
                                       out,
                                       err});
  return {code, out.str(), err.str()};
}

constexpr const char* good = "test/golden/config/ok_smallest.yaml";
constexpr const char* bad = "test/golden/config/missing_wire.yaml";

TEST_CASE("check says what it found", "[cli]") {
  const auto fine = troupe_program({"check", good});
  CHECK(fine.code == 0);
  CHECK(fine.err.empty());
  CHECK(fine.out == "test/golden/config/ok_smallest.yaml: ok, 2 components\n"
                    "  log (storage.wal)\n"
                    "  tree (tree.znode) uses log\n");
  const auto wrong = troupe_program({"check", bad});
  CHECK(wrong.code == 2);
  CHECK(wrong.out.empty());
  CHECK(wrong.err.find("missing_wire.yaml:4:3: error:") != std::string::npos);
}

TEST_CASE("a command that does not exist is named", "[cli]") {
  const auto near = troupe_program({"chek", good});
  CHECK(near.code == 2);
  CHECK(near.err == "troupe: there is no command \"chek\"; did you mean \"check\"?\n");
  const auto far = troupe_program({"telephone"});
  CHECK(far.code == 2);
  CHECK(far.err == "troupe: there is no command \"telephone\"; `troupe --help` lists them\n");
  CHECK(troupe_program({}).err.find("A subcommand is required") != std::string::npos);
  const auto version = troupe_program({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.starts_with("troupe "));
}

TEST_CASE("a wrong deployment is never started", "[cli]") {
  const auto wrong = troupe_program({"run", bad});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("nothing was started") != std::string::npos);
}

TEST_CASE("settings reach the deployment in order", "[cli]") {
  CHECK(troupe_program({"check", good, "--set", "node.id=7", "--set", "log.sync=false"}).code == 0);
  CHECK(troupe_program({"check", "--set", "node.id=7", good}).code == 0);
  const auto wrong = troupe_program({"check", good, "--set", "node.id=7", "--set", "log.sync=no"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.starts_with("--set #2: error: \"no\" is not a boolean\n"));
}

TEST_CASE("graph draws in both languages", "[cli]") {
  CHECK(troupe_program({"graph", good}).out.starts_with("flowchart TD\n"));
  CHECK(troupe_program({"graph", good, "--format", "dot"}).out.starts_with("digraph"));
  CHECK(troupe_program({"graph", good, "--format", "png"}).code == 2);
  CHECK(troupe_program({"graph", bad}).code == 2);
}

TEST_CASE("describe knows its types", "[cli]") {
  CHECK(troupe_program({"describe"}).out.find("tree.znode") != std::string::npos);
  CHECK(troupe_program({"describe", "tree.znode"}).out.starts_with("tree.znode: The tree."));
  CHECK(troupe_program({"describe", "tree.znode", "--format", "yaml"})
            .out.starts_with("tree.znode:\n"));
  CHECK(troupe_program({"describe", "--all-options"}).out.find("\ntroupe: 1") != std::string::npos);
  const auto wrong = troupe_program({"describe", "tree.znod"});
  CHECK(wrong.code == 2);
  CHECK(
      wrong.err ==
      "troupe describe: there is no component type \"tree.znod\"; did you mean \"tree.znode\"?\n");
}

TEST_CASE("version names the program and what it is made of", "[cli]") {
  const auto result = troupe_program({"version"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("troupe "));
  CHECK(result.out.find("CAF ") != std::string::npos);
  CHECK(result.out.find("\ndeployment format  1\nlog format         7\n") != std::string::npos);
}

TEST_CASE("a wrong command line is exit code 2 with an explanation", "[cli]") {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{},
                                             {"rum"},
                                             {"run"},
                                             {"run", "a", "b"},
                                             {"check", good, "--sett", "a.b=c"},
                                             {"check", good, "--set"},
                                             {"version", "x"}}) {
    const auto result = troupe_program(arguments);
    CHECK(result.code == 2);
    CHECK_FALSE(result.err.empty());
  }
  CHECK(troupe_program({"--help"}).code == 0);
  CHECK(troupe_program({"run", "--help"}).code == 0);
}

}  // namespace
