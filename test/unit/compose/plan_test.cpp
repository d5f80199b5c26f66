#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <random>

#include "runtime/compose/plan_load.hpp"
#include "test/unit/config/toy_types.hpp"

using namespace troupe;

namespace {

const auto no_variables = [](const std::string&) { return std::optional<std::string>{}; };

compose::load_result load(const sdk::catalog& types, const std::string& components,
                          const std::vector<std::string>& settings = {}) {
  return compose::load_text("f",
                            "troupe: 1\nnode: { id: 3, data_dir: ./d }\n"
                            "runtime: { reactors: 2 }\ncomponents:\n" +
                                components,
                            settings, no_variables, types);
}

std::vector<std::string> names(const compose::plan& plan) {
  std::vector<std::string> result;
  for (const auto& component : plan.components)
    result.push_back(component.name);
  return result;
}

TEST_CASE("a plan holds everything checked and resolved", "[compose]") {
  const auto types = toys::types();
  const auto result = load(types, "  clients: { type: gateway.zookeeper, on: 1 }\n"
                                  "  sessions: { type: session.replicated, timeout: { min: 2s } }\n"
                                  "  tree: { type: tree.znode, wires: { storage: second } }\n"
                                  "  first: { type: storage.memory }\n"
                                  "  second: { type: storage.wal }\n");
  INFO(result.errors);
  REQUIRE(result.value);
  const auto& plan = *result.value;
  CHECK(plan.source == "f");
  CHECK(plan.node_id == 3);
  CHECK(plan.data_dir == "./d");
  CHECK(plan.reactors == 2);
  CHECK(names(plan) == std::vector<std::string>{"first", "second", "tree", "sessions", "clients"});
  using wires = std::map<std::string, std::string>;
  CHECK(plan.find("tree")->wires == wires{{"storage", "second"}});
  CHECK(plan.find("clients")->wires == wires{{"session", "sessions"}, {"tree", "tree"}});
  CHECK(plan.find("clients")->reactor == 1);
  CHECK(plan.find("tree")->reactor == 0);
  CHECK(plan.find("sessions")->options.duration("timeout.min") == std::chrono::seconds(2));
  CHECK(plan.find("sessions")->options.duration("timeout.max") == std::chrono::seconds(40));
  CHECK(plan.find("clients")->options.address("listen") == sdk::address{"0.0.0.0", 2181});
  CHECK_FALSE(plan.find("clients")->options.has("super_digest"));
  CHECK(plan.find("nobody") == nullptr);
}

TEST_CASE("settings replace what the file says", "[compose]") {
  const auto types = toys::types();
  const auto result = load(
      types, "  log: { type: storage.memory }\n  c: { type: peer.tcp, members: { 1: \"a:1\" } }\n",
      {"node.id=9", "node.data_dir=/x=y", "log.type=storage.wal", "log.segment_bytes=1MiB",
       "log.segment_bytes=2MiB", "c.members.2=[::1]:7", "log.on=1", "runtime.reactors=4"});
  INFO(result.errors);
  REQUIRE(result.value);
  CHECK(result.value->node_id == 9);
  CHECK(result.value->data_dir == "/x=y");
  CHECK(result.value->reactors == 4);
  CHECK(result.value->find("log")->options.bytes("segment_bytes") == 2U << 20);
  CHECK(result.value->find("log")->reactor == 1);
  CHECK(result.value->find("c")->options.addresses("members").at(2) == sdk::address{"::1", 7});
  CHECK(result.value->find("c")->options.addresses("members").at(1) == sdk::address{"a", 1});
}

TEST_CASE("a list can be set with commas", "[compose]") {
  const auto types = toys::types();
  const std::string base =
      "  log: { type: storage.memory }\n  tree: { type: tree.znode }\n"
      "  sessions: { type: session.replicated }\n  c: { type: gateway.zookeeper }\n";
  const auto words = [&](const std::string& setting) {
    const auto result = load(types, base, {setting});
    INFO(result.errors);
    REQUIRE(result.value);
    return result.value->find("c")->options.list("words");
  };
  CHECK(words("c.words=a,b") == std::vector<std::string>{"a", "b"});
  CHECK(words("c.words=a") == std::vector<std::string>{"a"});
  CHECK(words("c.words=").empty());
}

TEST_CASE("an optional need is wired when somebody gives the role", "[compose]") {
  auto types = toys::types();
  types.add({.name = "metrics.text", .summary = "s", .gives = {"metrics", 1}});
  const std::string base =
      "  locks: { type: recipe.lock, mount: /l }\n  log: { type: storage.memory }\n"
      "  tree: { type: tree.znode }\n";
  const auto without = load(types, base);
  REQUIRE(without.value);
  CHECK(without.value->find("locks")->wires.count("watcher") == 0);
  const auto with = load(types, base + "  m: { type: metrics.text }\n");
  REQUIRE(with.value);
  CHECK(with.value->find("locks")->wires.at("watcher") == "m");
  CHECK(names(*with.value).back() == "locks");
}

/// Types t0 … tN, each needing roles of earlier ones at random, in a file in random order.
TEST_CASE("every component comes after those it uses, in any file order", "[compose]") {
  const unsigned seed = 4711;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    sdk::catalog types;
    std::vector<std::string> lines;
    const auto count = random() % 12 + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = "t" + std::to_string(i);
      sdk::component_type type{.name = name, .summary = "s", .gives = {name, 1}};
      for (std::size_t j = 0; j < i; ++j) {
        const auto role = "t" + std::to_string(j);
        if (random() % 3 == 0) type.needs.push_back({role, {role, 1}});
      }
      types.add(type);
      lines.push_back("  " + name + ": { type: " + name + " }\n");
    }
    std::shuffle(lines.begin(), lines.end(), random);
    std::string text;
    for (const auto& line : lines)
      text += line;
    const auto result = load(types, text);
    REQUIRE(result.value);
    const auto order = names(*result.value);
    REQUIRE(order.size() == count);
    for (auto at = order.begin(); at != order.end(); ++at) {
      for (const auto& [wire, target] : result.value->find(*at)->wires) {
        CHECK(std::find(order.begin(), at, target) != at);
      }
    }
    CHECK(names(*load(types, text).value) == order);
  }
}

TEST_CASE("files that cannot be read are named with the reason", "[compose]") {
  const auto types = toys::types();
  const auto errors = [&](const std::string& path) {
    const auto result = compose::load_file(path, {}, no_variables, types);
    CHECK_FALSE(result.value);
    return result.errors;
  };
  CHECK(errors("no/such/file.yaml") ==
        "no/such/file.yaml: error: the file cannot be opened: No such file or directory\n"
        "      = hint: give the path of a deployment file; configs/single.yaml is one\n"
        "1 error; nothing was started\n");
  const auto folder = std::filesystem::temp_directory_path().string();
  CHECK(errors(folder).starts_with(folder + ": error: this is a directory"));
  CHECK(errors("/dev/null").starts_with("/dev/null: error: the file is empty"));
  // Opens for everybody, and fails to be read at its first byte, also for root.
  CHECK(errors("/proc/self/mem").find("cannot be") != std::string::npos);
  CHECK(errors("").starts_with(": error: the file cannot be opened"));
}

TEST_CASE("an endless file is refused after its bound", "[compose]") {
  const auto types = toys::types();
  const auto result = compose::load_file("/dev/zero", {}, no_variables, types);
  CHECK(result.errors.find("the file is larger than 1048576 bytes") != std::string::npos);
}

}  // namespace
