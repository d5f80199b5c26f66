#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

#include <troupe/sdk/component_type.hpp>

#include "test/unit/config/toy_types.hpp"

using namespace troupe::sdk;
using namespace std::chrono_literals;

namespace {

component_type minimal() { return {.name = "a.b", .summary = "s", .gives = {"role", 1}}; }

TEST_CASE("a catalog finds and lists types by name", "[compose]") {
  const auto types = troupe::toys::types();
  REQUIRE(types.find("tree.znode") != nullptr);
  CHECK(types.find("tree.znode")->gives == role_ref{"tree", 1});
  CHECK(types.find("tree") == nullptr);
  CHECK(types.givers_of("storage") ==
        std::vector<std::string>{"storage.memory", "storage.next", "storage.wal"});
  const auto all = types.all();
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const auto* a, const auto* b) { return a->name < b->name; }));
}

TEST_CASE("a name can be taken only once", "[compose]") {
  catalog types;
  types.add(minimal());
  CHECK_THROWS_WITH(types.add(minimal()), "component type a.b: the name is taken");
}

TEST_CASE("a declaration that contradicts itself is refused", "[compose]") {
  const auto refused = [](auto change) {
    auto type = minimal();
    change(type);
    catalog types;
    CHECK_THROWS_AS(types.add(type), std::invalid_argument);
  };
  const auto with = [&](option_spec spec) {
    refused([&](component_type& type) { type.options.push_back(spec); });
  };
  refused([](component_type& type) { type.name = "A b"; });
  refused([](component_type& type) { type.gives.name.clear(); });
  refused([](component_type& type) { type.summary.clear(); });
  refused([](component_type& type) { type.needs = {{"w", {"x", 1}}, {"w", {"y", 1}}}; });
  with(option_spec::integer("type", "d").by_default(1));
  with(option_spec::integer("wires.x", "d").by_default(1));
  with(option_spec::integer("a.b.c", "d").by_default(1));
  with(option_spec::integer("n", "").by_default(1));
  with(option_spec::integer("n", "d").by_default(5).between(1, 4));
  with(option_spec::duration("n", "d").by_default(5s).between(1s, 4s));
  with(option_spec::choice("n", {"a"}, "d").by_default("b"));
  with(option_spec::text("n", "d"));
  refused([](component_type& type) {
    type.options = {option_spec::integer("n", "d").by_default(1),
                    option_spec::integer("n", "d").by_default(1)};
  });
  refused([](component_type& type) {
    type.options = {option_spec::integer("n", "d").by_default(1),
                    option_spec::integer("n.m", "d").by_default(1)};
  });
  refused([](component_type& type) {
    type.options = {option_spec::integer("g.a", "d").by_default(1),
                    option_spec::integer("n", "d").by_default(1),
                    option_spec::integer("g.b", "d").by_default(1)};
  });
}

TEST_CASE("the nearest word is near", "[compose]") {
  const std::vector<std::string> words{"storage.wal", "tree.znode", "sync"};
  CHECK(nearest("storage.wla", words) == "storage.wal");
  CHECK(nearest("Tree.ZNode", words) == "tree.znode");
  CHECK(nearest("snyc", words) == "sync");
  CHECK(nearest("s", words).empty());
  CHECK(nearest("gateway", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest(std::string(100'000, 'x'), words).empty());
}

}  // namespace
