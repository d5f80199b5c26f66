// A list of very many children, seen from clients of the same process.
#include <set>

#include <catch2/catch.hpp>

#include "test/unit/local_gateway/local_world.hpp"

using namespace troupe;
using namespace troupe::local::test;

namespace {

constexpr int children = 40'000;
constexpr int per_multi = 5'000;

std::string name_of(int number) { return "child-" + std::to_string(number); }

/// Makes a node with so many children, as writes from `token` on; the last answer is returned.
std::string make_many(const script& lines, const std::string& path, int count,
                      std::uint64_t token) {
  lines.create(token, path);
  for (int first = 0; first < count; first += per_multi) {
    multi_op op;
    for (int i = first; i < first + per_multi; ++i)
      op.items.emplace_back(create_op{path + "/" + name_of(i),
                                      blob{std::string_view{}},
                                      {{permission_all, {"world", "anyone"}}},
                                      node_kind::persistent,
                                      false,
                                      -1});
    lines.write(++token, std::move(op));
  }
  return "wrote " + std::to_string(token) + " OK";
}

}  // namespace

TEST_CASE("local gateway: others are served while a long list is made") {
  script asking, other;
  int answers = 0;
  std::uint64_t token = 1000;
  std::string last;
  sdk::timer pause;
  asking.then = [&](const std::string& word) {
    if (word == "attached") asking.gateway.send(coordinator::open{asking.client, 1, 3s});
  };
  const auto ask_next = [&] {
    // Reads and writes in turn.
    if (++token % 2 == 0)
      other.read(token, exists_op{"/d", false});
    else
      other.write(token, set_data_op{"/d", blob{std::string_view{"x"}}, any_version});
  };
  testing::simulation* time = nullptr;
  other.then = [&](const std::string& word) {
    if (word == "attached") return;
    ++answers;
    // One after another, each in a turn of the loop of its own, as over a network.
    if (!asking.heard(last)) pause = time->timers().after(0s, ask_next);
  };
  local_world world{{&asking, &other}};
  time = &world.world;
  REQUIRE(world.until(asking, "opened OK"));
  REQUIRE(world.until(other, "attached"));
  REQUIRE(world.until(asking, make_many(asking, "/short", per_multi, 100)));
  REQUIRE(world.until(asking, make_many(asking, "/d", children, 200)));
  const auto answers_during = [&](std::uint64_t number, const std::string& path) {
    answers = 0;
    last = "read " + std::to_string(number) + " OK ";
    ask_next();
    asking.read(number, get_children_op{path, false});
    REQUIRE(world.until(asking, last));
    world.world.run_for(1s);
    return answers;
  };
  const auto during_short = answers_during(5, "/short");
  const auto during_long = answers_during(6, "/d");
  CHECK(asking.lists[5].size() == per_multi);
  CHECK(asking.lists[6].size() == children);
  // Two steps and ten. If a list were one step, or its steps let nobody in, both would be alike.
  CHECK(during_long > 2 * during_short);
}

TEST_CASE(
    "local gateway: a long list is that of its moment, and comes before what happened later") {
  script lines, other;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
  };
  local_world world{{&lines, &other}};
  REQUIRE(world.until(lines, "opened OK"));
  REQUIRE(world.until(other, "attached"));
  REQUIRE(world.until(lines, make_many(lines, "/d", children, 100)));
  lines.log.clear();
  lines.read(5, get_children_op{"/d", true});
  // The oldest and the newest child, and new ones; all after the read.
  lines.write(6, delete_op{"/d/" + name_of(0), any_version});
  lines.write(7, delete_op{"/d/" + name_of(children - 1), any_version});
  lines.create(8, "/d/new");
  lines.read(9, get_children_op{"/d", false});
  lines.read(10, exists_op{"/d", false});
  REQUIRE(world.until(lines, "read 10 OK "));
  CHECK(lines.log == std::vector<std::string>{"read 5 OK ", "event /d", "wrote 6 OK", "wrote 7 OK",
                                              "wrote 8 OK", "read 9 OK ", "read 10 OK "});
  std::set<std::string> before{lines.lists[5].begin(), lines.lists[5].end()};
  CHECK(before.size() == children);
  CHECK(before.contains(name_of(0)));
  CHECK(before.contains(name_of(children - 1)));
  CHECK_FALSE(before.contains("new"));
  before.erase(name_of(0));
  before.erase(name_of(children - 1));
  before.insert("new");
  const std::set<std::string> after{lines.lists[9].begin(), lines.lists[9].end()};
  CHECK(after == before);
}
