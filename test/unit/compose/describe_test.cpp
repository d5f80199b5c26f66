#include <catch2/catch.hpp>

#include "runtime/compose/describe.hpp"
#include "runtime/compose/graph.hpp"
#include "runtime/compose/plan_load.hpp"
#include "runtime/config/yaml_reader.hpp"
#include "test/unit/config/toy_types.hpp"

using namespace troupe;

namespace {

/// The toys without the types that could never be part of one deployment.
sdk::catalog runnable_types() {
  const auto toy_types = toys::types();
  sdk::catalog types;
  for (const auto* type : toy_types.all()) {
    if (!type->name.starts_with("ring.") && type->name != "storage.next") types.add(*type);
  }
  return types;
}

TEST_CASE("a type is described completely", "[compose]") {
  const auto types = toys::types();
  CHECK(compose::describe_type(*types.find("recipe.lock")) ==
        "recipe.lock: Locks.\n"
        "\n"
        "gives       recipe, version 1\n"
        "needs       tree, version 1 (wire tree)\n"
        "needs       metrics, version 1 (wire watcher, optional)\n"
        "on failure  it is started again, with back-off\n"
        "options\n"
        "  mount  (text; required)\n"
        "      Path of the recipe.\n"
        "  dialect  (one of curator, kazoo or native; default curator)\n"
        "      How nodes are named.\n");
  CHECK(compose::describe_type(*types.find("storage.memory")) ==
        "storage.memory: A log in memory.\n"
        "\n"
        "gives       storage, version 1\n"
        "needs       nothing\n"
        "on failure  the server stops\n"
        "options     none\n");
}

TEST_CASE("the overview groups types by role", "[compose]") {
  const auto text = compose::describe_types(runnable_types());
  CHECK(text.find("storage\n"
                  "  storage.memory      A log in memory.\n"
                  "  storage.wal         A log on disk.\n") != std::string::npos);
  CHECK(text.find("storage\n") > text.find("session\n"));
}

TEST_CASE("descriptions for programs are YAML", "[compose]") {
  const auto types = toys::types();
  CHECK(compose::describe_type_yaml(*types.find("session.replicated")) ==
        "session.replicated:\n"
        "  summary: \"Sessions.\"\n"
        "  gives: { role: session, version: 1 }\n"
        "  needs:\n"
        "    tree: { role: tree, version: 1, optional: false }\n"
        "  on_failure: stop_node\n"
        "  options:\n"
        "    timeout.min:\n"
        "      doc: \"Shortest timeout a client gets.\"\n"
        "      takes: \"duration, from 1ms to 1h\"\n"
        "      required: false\n"
        "      default: 4s\n"
        "    timeout.max:\n"
        "      doc: \"Longest timeout a client gets.\"\n"
        "      takes: \"duration, from 1ms to 1h\"\n"
        "      required: false\n"
        "      default: 40s\n");
  config::report errors;
  const auto source = errors.add_source({"f", compose::describe_types_yaml(types)});
  const auto root = config::read_yaml(source, errors);
  REQUIRE(root);
  CHECK(errors.empty());
  CHECK(root->entries.size() == types.all().size());
}

TEST_CASE("the file of all options is itself a deployment, with the defaults", "[compose]") {
  const auto types = runnable_types();
  const auto text = compose::all_options(types, {"storage.wal"});
  const auto result = compose::load_text(
      "all", text, {}, [](const std::string&) { return std::optional<std::string>{}; }, types);
  INFO(result.errors << text);
  REQUIRE(result.value);
  CHECK(result.value->components.size() == types.all().size() - 1);
  CHECK(result.value->find("storage")->type->name == "storage.wal");
  for (const auto& component : result.value->components) {
    const auto defaults = sdk::option_values::defaults_of(component.type->options);
    for (const auto& [name, value] : defaults.all()) {
      INFO(component.name << ' ' << name);
      CHECK(component.options.all().at(name) == value);
    }
  }
}

TEST_CASE("the file of all options reads well", "[compose]") {
  const auto toy_types = toys::types();
  sdk::catalog types;
  for (const auto* name : {"storage.wal", "storage.memory", "tree.znode", "session.replicated"}) {
    types.add(*toy_types.find(name));
  }
  const auto text = compose::all_options(types, {"storage.wal"});
  CHECK(text.substr(text.find("components:")) ==
        "components:\n"
        "\n"
        "#  # A log in memory.\n"
        "#  # Gives storage; needs nothing.\n"
        "#  # Only one component can give it; this is another choice.\n"
        "#  storage:\n"
        "#    type: storage.memory\n"
        "\n"
        "  # A log on disk.\n"
        "  # Gives storage; needs nothing.\n"
        "  storage:\n"
        "    type: storage.wal\n"
        "    # Size of one file of the log. (size, from 1MiB to 4GiB)\n"
        "    segment_bytes: 64MiB\n"
        "    # Whether writes wait for the disk. (true or false)\n"
        "    sync: true\n"
        "\n"
        "  # The tree.\n"
        "  # Gives tree; needs storage.\n"
        "  tree:\n"
        "    type: tree.znode\n"
        "    # Most nodes that the tree holds. (number of nodes, from 1 to 1000000000)\n"
        "    max_nodes: 1000000\n"
        "\n"
        "  # Sessions.\n"
        "  # Gives session; needs tree.\n"
        "  session:\n"
        "    type: session.replicated\n"
        "    timeout:\n"
        "      # Shortest timeout a client gets. (duration, from 1ms to 1h)\n"
        "      min: 4s\n"
        "      # Longest timeout a client gets. (duration, from 1ms to 1h)\n"
        "      max: 40s\n");
}

TEST_CASE("the wiring can be drawn", "[compose]") {
  const auto types = toys::types();
  const auto result = compose::load_text(
      "f",
      "troupe: 1\nnode: { id: 1, data_dir: d }\ncomponents:\n"
      "  end: { type: tree.znode }\n  log: { type: storage.wal }\n",
      {}, [](const std::string&) { return std::optional<std::string>{}; }, types);
  REQUIRE(result.value);
  CHECK(compose::to_mermaid(*result.value) == "flowchart TD\n"
                                              "  c1[\"log<br/>storage.wal\"]\n"
                                              "  c2[\"end<br/>tree.znode\"]\n"
                                              "  c2 -->|\"storage\"| c1\n");
  CHECK(compose::to_dot(*result.value) == "digraph deployment {\n"
                                          "  node [shape=box];\n"
                                          "  \"log\" [label=\"log\\nstorage.wal\"];\n"
                                          "  \"end\" [label=\"end\\ntree.znode\"];\n"
                                          "  \"end\" -> \"log\" [label=\"storage\"];\n"
                                          "}\n");
}

}  // namespace
