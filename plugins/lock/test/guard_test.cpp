#include <catch2/catch.hpp>

#include "core/guard.hpp"
#include "core/listing.hpp"
#include "support/world.hpp"

using namespace locks;
using namespace locks::test;

namespace {

constexpr const char* curator = "/locks/a/_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11-lock-0000000001";
constexpr const char* kazoo = "/locks/a/6a2f1c0e7d574a8e9a522f0a3f3d9b11__lock__0000000001";

struct guarded_world : world {
  using world::world;
  std::optional<std::string> ask(const std::string& path, troupe::node_kind kind,
                                 bool sequential = false) {
    using write = troupe::mount_guard::write;
    const dialect_guard guard{rules};
    return guard.objection(tree, {write::kind::create, path, sequential, kind, {1}});
  }
  std::optional<std::string> claims(const std::string& path) {
    return ask(path, troupe::node_kind::ephemeral, true);
  }
};

TEST_CASE("a mount takes the claims of its dialect and no others", "[guard]") {
  CHECK_FALSE(guarded_world{dialect::curator}.claims(curator));
  CHECK_FALSE(guarded_world{dialect::kazoo}.claims(kazoo));
  const auto why = guarded_world{dialect::curator}.claims(kazoo);
  REQUIRE(why);
  CHECK(why->find("dialect curator") != std::string::npos);
  CHECK(guarded_world{dialect::kazoo}.claims(curator));
  CHECK(guarded_world{dialect::native}.claims(curator));
  CHECK(guarded_world{dialect::native}.claims(kazoo));
  CHECK(guarded_world{dialect::curator}.ask("/locks/a/anything", troupe::node_kind::ephemeral));
}

TEST_CASE("the server gives a claim its place, but for a writer that reads", "[guard]") {
  guarded_world w{dialect::curator};
  const auto why = w.ask(curator, troupe::node_kind::ephemeral, false);
  REQUIRE(why);
  CHECK(why->find("sequential") != std::string::npos);
  CHECK(w.ask(curator, troupe::node_kind::persistent, false));
  CHECK_FALSE(w.ask("/locks/a/_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11-__READ__0000000001",
                    troupe::node_kind::ephemeral, false));
}

TEST_CASE("folders are free to make, but not among claims", "[guard]") {
  guarded_world w;
  CHECK_FALSE(w.ask("/locks", troupe::node_kind::persistent));
  CHECK_FALSE(w.ask("/locks/team/a", troupe::node_kind::container));
  w.mutex(w.tree.open());
  CHECK_FALSE(w.ask("/locks/b", troupe::node_kind::persistent));
  CHECK(w.ask("/locks/a/b", troupe::node_kind::persistent));
}

TEST_CASE("two claims on a lock never have the same token", "[guard]") {
  guarded_world w;
  w.mutex(w.tree.open());
  CHECK_FALSE(w.claims(curator));
  w.tree.run([&](auto& tree) {
    const auto other = std::string{curator}.substr(0, std::string{curator}.size() - 10);
    make_claim(tree, other, true, {1}, "");
    CHECK(w.claims("/locks/a/_c_00000000-7d57-4a8e-9a52-2f0a3f3d9b11-lock-0000000009"));
    return 0;
  });
  CHECK_FALSE(w.claims("/locks/a/_c_00000000-7d57-4a8e-9a52-2f0a3f3d9b11-lock-0000000009"));
}

TEST_CASE("who holds, who waits, since when", "[listing]") {
  world w;
  const auto [one, two] = std::pair{w.tree.open(), w.tree.open()};
  const auto held = w.mutex(one);
  w.tree.put(std::string{curator}.substr(0, std::string{curator}.size() - 10), two);
  const auto all = w.tree.run([&](auto& tree) { return list(tree, w.rules, "/locks/a"); }).value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].holds);
  CHECK(all[0].native);
  CHECK(all[0].token == held.token);
  CHECK(all[0].session == one);
  CHECK_FALSE(all[1].holds);
  CHECK_FALSE(all[1].native);
  CHECK(kind_of(w.tree.run([&](auto& tree) { return list(tree, w.rules, "/x"); })) ==
        refusal_kind::bad_path);
}

}  // namespace
