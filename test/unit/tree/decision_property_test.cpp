// What decisions see of the future, compared with what it becomes.
#include <catch2/catch.hpp>

#include <deque>
#include <map>

#include "test/unit/tree/decisions.hpp"
#include "test/unit/tree/generator.hpp"

using namespace troupe;
using namespace troupe::tree::test;

namespace {

struct seen {
  tree_view::node_facts facts;
  std::vector<std::string> children;
};
using whole = std::map<std::string, seen>;

void look_at(tree_view& tree, const std::string& path, whole& into) {
  auto& here = into[path];
  here = {*tree.node(path), tree.children(path)};
  for (const auto& name : here.children)
    look_at(tree, (path == "/" ? "" : path) + "/" + name, into);
}

/// As plain reads see it.
void read_all(fixture& f, const std::string& path, whole& into) {
  auto data = f.read(get_data_op{path}, who({{"super", ""}}));
  auto names = f.read(get_children_op{path}, who({{"super", ""}})).names.to_vector();
  std::sort(names.begin(), names.end());
  auto& here = into[path];
  here.facts.data = data.data;
  here.facts.stat = data.stat;
  here.children = std::move(names);
  for (const auto& name : here.children)
    read_all(f, (path == "/" ? "" : path) + "/" + name, into);
}

}  // namespace

TEST_CASE("decision: what it sees of everything in flight is what it becomes", "[tree]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  INFO("seed " << seed);
  generator random{seed};
  fixture f;
  for (std::uint64_t s = 0; s < 4; ++s)
    f.write(create_session_op{milliseconds{1000}}, session_id{0x100 + s});
  std::deque<std::variant<txn, verdict>> in_flight;
  for (int step = 0; step < 300; ++step) {
    if (random.chance(3, 5)) {
      in_flight.push_back(f.prepare(random.write(), random.session()));
    } else if (!in_flight.empty()) {
      f.deliver(in_flight.front());
      in_flight.pop_front();
    }
    if (random.chance(1, 10)) {
      // A decision that does something as well, and sees that at once.
      in_flight.push_back(f.prepare(decide([&](decision_tree& tree) {
                                      (void)tree.create(random.make_create(), random.session());
                                      (void)tree.set_data(random.path(), random.data(),
                                                          any_version);
                                      (void)tree.remove(random.path(), any_version);
                                      if (random.chance(1, 4)) throw std::runtime_error{"no"};
                                      return blob{};
                                    }),
                                    {}));
    }
    if (!random.chance(1, 25)) continue;
    whole expected, real;
    f.deliver(f.prepare(decide([&](decision_tree& tree) {
                          look_at(tree, "/", expected);
                          return blob{};
                        }),
                        {}));
    for (; !in_flight.empty(); in_flight.pop_front())
      f.deliver(in_flight.front());
    read_all(f, "/", real);
    REQUIRE(expected.size() == real.size());
    for (const auto& [path, is] : real) {
      INFO(path);
      REQUIRE(expected.contains(path));
      CHECK(expected[path].facts.stat == is.facts.stat);
      CHECK(expected[path].facts.data == is.facts.data);
      CHECK(expected[path].children == is.children);
    }
    CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
  }
}
