#include <catch2/catch.hpp>

#include <random>

#include "runtime/compose/plan_load.hpp"
#include "runtime/config/yaml_reader.hpp"
#include "test/unit/config/toy_types.hpp"

using namespace troupe::config;

namespace {

std::optional<located_value> read(report& errors, std::string text, yaml_limits limits = {}) {
  const auto source = errors.add_source({"f", std::move(text)});
  return read_yaml(source, errors, limits);
}

TEST_CASE("every value knows its place", "[config]") {
  report errors;
  const auto root = read(errors, "a: 1\nb:\n  cö: \"x\\\"y\"\n  d: [ p, 'q''r' ]\n  e:\n");
  REQUIRE(root);
  REQUIRE(errors.empty());
  CHECK(root->find("a")->value.where == place{0, 1, 4, 1});
  const auto& inner = root->find("b")->value;
  CHECK(inner.where == place{0, 3, 3, 1});
  CHECK(inner.find("cö")->key.where == place{0, 3, 3, 2});
  CHECK(inner.find("cö")->value.where == place{0, 3, 7, 6});
  CHECK(inner.find("cö")->value.text == "x\"y");
  CHECK(inner.find("d")->value.items[0].where == place{0, 4, 8, 1});
  CHECK(inner.find("d")->value.items[1].where == place{0, 4, 11, 6});
  CHECK(inner.find("e")->value.is_null());
  CHECK(inner.find("e")->value.where == place{0, 5, 3, 1});
}

TEST_CASE("scalars keep their raw text", "[config]") {
  report errors;
  const auto root = read(errors, "[ 010, yes, 1e3, 0x10, 1_000, 3000000000, \"~\" ]\n");
  REQUIRE(root);
  std::vector<std::string> texts;
  for (const auto& item : root->items)
    texts.push_back(item.text);
  CHECK(texts == std::vector<std::string>{"010", "yes", "1e3", "0x10", "1_000", "3000000000", "~"});
}

TEST_CASE("a file is bounded in size, depth and number of values", "[config]") {
  const auto refuse = [](std::string text, yaml_limits limits, const std::string& why) {
    report errors;
    CHECK_FALSE(read(errors, std::move(text), limits));
    REQUIRE(errors.size() == 1);
    CHECK(errors.sorted()[0].message == why);
  };
  refuse("a: 1\n", {.max_bytes = 4}, "the file is larger than 4 bytes");
  refuse("[[[1]]]\n", {.max_depth = 2}, "the file nests more than 2 levels deep");
  refuse("[1, 2, 3]\n", {.max_values = 3}, "the file has more than 3 values");
  report errors;
  CHECK(read(errors, "[1, 2]\n", {.max_bytes = 7, .max_depth = 1, .max_values = 3}));
  CHECK(errors.empty());
}

TEST_CASE("hostile nesting ends at the bound", "[config]") {
  for (const auto* piece :
       {"[", "{", "- ", "? ", "a: {", "!t [", "&a [", "\"x", "'x", "[\n", "-\n "}) {
    std::string text;
    while (text.size() < 100'000)
      text += piece;
    report errors;
    INFO(piece);
    read(errors, text);
    CHECK_FALSE(errors.empty());
  }
}

/// Whatever stands in the file, the answer is a plan or errors, and each has a place in the text.
TEST_CASE("mutated deployment files never crash", "[config]") {
  const std::string seed_text =
      "troupe: 1\nnode: { id: 1, data_dir: \"${HOME:-x}\" }\nruntime: { reactors: 2 }\n"
      "components:\n  log: { type: storage.wal, segment_bytes: 64MiB }\n"
      "  tree:\n    type: tree.znode\n    wires: { storage: log }\n"
      "  s: { type: session.replicated, timeout: { min: 4s } }\n"
      "  clients: { type: gateway.zookeeper, words: [ ruok, 'x' ] }\n";
  const std::string alphabet = "{}[]:,-?&*!|>'\"%@`#\n\t\r ~<=${}0aA\\\x80\xC3\xFF";
  const unsigned seed = 20261121;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto types = troupe::toys::types();
  const auto variables = [](const std::string&) { return std::optional<std::string>{"v"}; };
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto text = seed_text;
    for (auto edits = random() % 6 + 1; edits > 0; --edits) {
      const auto at = random() % text.size();
      const auto kind = random() % 3;
      if (kind == 0) text.erase(at, random() % 8 + 1);
      if (kind == 1) text.insert(at, 1, alphabet[random() % alphabet.size()]);
      if (kind == 2) text[at] = alphabet[random() % alphabet.size()];
    }
    const auto result = troupe::compose::load_text("f", text, {"log.sync=true"}, variables, types);
    if (!result.value) ++refused;
    if (result.value.has_value() != result.errors.empty()) FAIL(text);
  }
  CHECK(refused > 1000);
}

}  // namespace
