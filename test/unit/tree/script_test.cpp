#include <catch2/catch.hpp>

#include <limits>

#include "test/unit/tree/decisions.hpp"

using namespace troupe;
using namespace troupe::tree::test;

namespace {

template <class... Steps>
script_op script(Steps... steps) {
  script_op all;
  (all.steps.push_back(script_step{std::move(steps)}), ...);
  return all;
}
template <class... Steps>
std::vector<script_step> steps(Steps... all) {
  return script(std::move(all)...).steps;
}

}  // namespace

TEST_CASE("script: steps are one transaction, with a result for each", "[tree]") {
  fixture f;
  const auto at = f.tree_.committed().applied();
  const auto results = f.write(script(create("/a", "1"), set("/a", "2"), check_op{"/a", 1},
                                      sequential("/a/n-"), delete_op{"/a/n-0000000000"},
                                      set_acl_op{"/a", open_acl}, check_absent_op{"/b"}));
  REQUIRE(results.size() == 7);
  for (const auto& one : results)
    CHECK(one.error == error_code::ok);
  CHECK(results[0].path == "/a");
  CHECK(results[1].stat.version == 1);
  CHECK(results[2].path == "/a");
  CHECK(results[2].stat.version == 1);
  CHECK(results[3].path == "/a/n-0000000000");
  CHECK(results[5].stat.aversion == 1);
  CHECK(f.tree_.committed().applied() == at.next());
}

TEST_CASE("script: a step that fails takes back all, and is the last result", "[tree]") {
  fixture f;
  const auto digest = f.tree_.committed().digest();
  const auto results =
      f.write(script(create("/a"), create("/b"), check_absent_op{"/a"}, create("/c")));
  REQUIRE(results.size() == 3);
  CHECK(results[1].error == error_code::ok);
  CHECK(results[2].error == error_code::node_exists);
  CHECK(results[2].path == "/a");
  CHECK(f.tree_.committed().digest() == digest);
}

TEST_CASE("script: what a short message makes large is refused", "[tree]") {
  fixture f;
  const auto digest = f.tree_.committed().digest();
  std::string deep;
  for (int level = 0; level < 4'000; ++level)
    deep += "/a";
  CHECK(f.write(script(create_with_parents_op{create(deep), open_acl})).at(0).error ==
        error_code::limit_exceeded);
  // The list is in the message once, and in the transaction for every ancestor.
  acl long_list = open_acl;
  long_list.push_back({permission_read, {"digest", "u:" + std::string(500'000, 'x')}});
  CHECK(f.write(script(create_with_parents_op{create("/1/2/3/4/5/6/7/8/9/10"), long_list}))
            .at(0)
            .error == error_code::limit_exceeded);
  CHECK(f.tree_.committed().digest() == digest);
  CHECK(f.write(script(create_with_parents_op{create("/1/2/3"), long_list})).at(0).error ==
        error_code::ok);
}

TEST_CASE("script: that only looks is not logged", "[tree]") {
  fixture f;
  f.write(create("/a", "x"));
  const auto at = f.tree_.committed().applied();
  const auto results =
      f.write(script(check_op{"/a"}, check_absent_op{"/b"}, create_if_absent_op{create("/a")}));
  REQUIRE(results.size() == 3);
  CHECK(results[0].stat == f.stat_of("/a"));
  CHECK(results[2].stat == f.stat_of("/a"));
  CHECK(f.tree_.committed().applied() == at);
  CHECK(f.write(script_op{}).empty());
}

TEST_CASE("script: create if absent gives what is there, or makes it", "[tree]") {
  fixture f;
  auto results = f.write(script(create_if_absent_op{create("/a", "first")}));
  CHECK(results.at(0).path == "/a");
  const auto first = results.at(0).stat;
  results = f.write(script(create_if_absent_op{create("/a", "second")}, create("/b")));
  CHECK(results.at(0).path == "/a");
  CHECK(results.at(0).stat.czxid == first.czxid);
  CHECK(f.data_of("/a") == "first");
  CHECK(f.write(script(create_if_absent_op{sequential("/s-")})).at(0).error ==
        error_code::bad_arguments);
}

TEST_CASE("script: create with parents makes the ancestors that are missing", "[tree]") {
  fixture f;
  f.write(create("/a"));
  const acl no_deletion{{permission_read | permission_create, {"world", "anyone"}}};
  auto results = f.write(script(create_with_parents_op{create("/a/b/c/d", "x"), no_deletion}));
  CHECK(results.at(0).error == error_code::ok);
  CHECK(results.at(0).path == "/a/b/c/d");
  CHECK(results.at(0).number == 2);
  CHECK(f.data_of("/a/b/c/d") == "x");
  CHECK(f.read(get_acl_op{"/a/b"}).acl == no_deletion);
  // Nobody may create below what has the list of the ancestors now.
  results = f.write(script(create_with_parents_op{create("/a/e/f/g"), read_acl}));
  CHECK(results.at(0).error == error_code::no_auth);
  CHECK_FALSE(f.exists("/a/e"));
  results = f.write(script(create_with_parents_op{sequential("/q/n-"), open_acl}));
  CHECK(results.at(0).path == "/q/n-0000000000");
  for (const char* wrong : {"", "/", "x", "/a//b", "/a/"})
    CHECK(f.write(script(create_with_parents_op{create(wrong), open_acl})).at(0).error !=
          error_code::ok);
}

TEST_CASE("script: delete tree has a bound", "[tree]") {
  fixture f;
  for (const char* path : {"/t", "/t/a", "/t/b", "/t/a/x", "/t/a/y"})
    f.write(create(path));
  auto results = f.write(script(delete_tree_op{"/t", 4}));
  CHECK(results.at(0).error == error_code::limit_exceeded);
  CHECK(results.at(0).number == 4);
  CHECK(results.at(0).path == "/t");
  CHECK(f.exists("/t/a/x"));
  results = f.write(script(create("/t/a/x/z"), delete_tree_op{"/t", 6}));
  CHECK(results.at(1).error == error_code::ok);
  CHECK(results.at(1).number == 6);
  CHECK_FALSE(f.exists("/t"));
  CHECK(f.write(script(delete_tree_op{"/t", 6})).at(0).error == error_code::no_node);
  CHECK(f.write(script(delete_tree_op{"/", 1000})).at(0).error == error_code::bad_arguments);
  CHECK(f.write(script(delete_tree_op{"/zookeeper", 1000})).at(0).error ==
        error_code::bad_arguments);
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
}

TEST_CASE("script: delete tree needs the permission everywhere", "[tree]") {
  fixture f;
  f.write(create("/t"));
  auto op = create("/t/a");
  op.acl = read_acl;
  f.write(op);
  // Nothing is below it, so nothing is asked of it.
  CHECK(f.write(script(delete_tree_op{"/t", 9})).at(0).error == error_code::ok);
  op.acl = {{permission_read | permission_create, {"world", "anyone"}}};
  f.write(create("/t"));
  f.write(op);
  f.write(create("/t/a/b"));
  const auto refused = f.write(script(delete_tree_op{"/t", 9})).at(0);
  CHECK(refused.error == error_code::no_auth);
  CHECK(refused.path == "/t/a/b");
  CHECK(f.exists("/t/a/b"));
}

TEST_CASE("script: add counts in decimal text", "[tree]") {
  fixture f;
  f.write(create("/n"));
  CHECK(f.write(script(add_op{"/n", 5})).at(0).number == 5);
  const auto results = f.write(script(add_op{"/n", -7}, add_op{"/n", 1}));
  CHECK(results.at(0).number == -2);
  CHECK(results.at(1).number == -1);
  CHECK(results.at(1).stat.version == 3);
  CHECK(f.data_of("/n") == "-1");
  f.write(set("/n", std::to_string(std::numeric_limits<std::int64_t>::max())));
  const auto full = f.write(script(add_op{"/n", 1})).at(0);
  CHECK(full.error == error_code::limit_exceeded);
  CHECK(full.number == std::numeric_limits<std::int64_t>::max());
  for (const char* wrong : {"x", "1 ", " 1", "1x", "0x1", "99999999999999999999"}) {
    f.write(set("/n", wrong));
    CHECK(f.write(script(add_op{"/n", 1})).at(0).error == error_code::bad_arguments);
  }
  CHECK(f.write(script(add_op{"/none", 1})).at(0).error == error_code::no_node);
}

TEST_CASE("script: add sees what is in flight", "[tree]") {
  fixture f;
  f.write(create("/n", "1"));
  std::vector<std::variant<txn, verdict>> pending;
  for (int i = 0; i < 10; ++i)
    pending.push_back(f.prepare(script(add_op{"/n", 1})));
  for (const auto& one : pending)
    f.deliver(one);
  CHECK(f.data_of("/n") == "11");
}

TEST_CASE("script: a guard passes only with the token of the holder", "[tree]") {
  fixture f;
  f.write(create("/lock"));
  const auto token = f.stat_of("/lock").czxid;
  CHECK(f.write(script(guard_op{"/lock", token}, create("/a"))).at(1).error == error_code::ok);
  CHECK(f.write(script(guard_op{"/lock", zxid{token.value + 1}}, create("/b"))).at(0).error ==
        error_code::fenced);
  // The holder is another one, with everything still in flight.
  const auto gone = f.prepare(delete_op{"/lock"});
  const auto again = f.prepare(create("/lock"));
  const auto late = f.prepare(script(guard_op{"/lock", token}, create("/b")));
  const auto timely = f.prepare(script(guard_op{"/lock", std::get<txn>(again).zxid}, create("/c")));
  for (const auto* one : {&gone, &again, &late, &timely})
    f.deliver(*one);
  CHECK_FALSE(f.exists("/b"));
  CHECK(f.exists("/c"));
  f.write(delete_op{"/lock"});
  CHECK(f.write(script(guard_op{"/lock", token})).at(0).error == error_code::fenced);
}

TEST_CASE("script: if, then, else", "[tree]") {
  fixture f;
  f.write(create("/a", "x"));
  const auto choice = [](std::int32_t version) {
    return script(choose_op{steps(check_op{"/a", version}, check_absent_op{"/z"}),
                            steps(create("/then"), create("/then/deep")), steps(create("/else"))},
                  create("/after"));
  };
  auto results = f.write(choice(0));
  REQUIRE(results.size() == 4);
  CHECK(results[0].number == 1);
  CHECK(results[2].path == "/then/deep");
  CHECK(results[3].path == "/after");
  f.write(delete_op{"/after"});
  results = f.write(choice(7));
  REQUIRE(results.size() == 3);
  CHECK(results[0].number == 0);
  CHECK(results[1].path == "/else");
  // A branch that fails makes the whole script fail.
  results = f.write(choice(7));
  CHECK(results.back().error == error_code::node_exists);
  CHECK(results.back().path == "/else");
  CHECK(results.size() == 2);
}

TEST_CASE("script: only conditions decide, and choices have a depth", "[tree]") {
  fixture f;
  CHECK(f.write(script(choose_op{steps(create("/x")), {}, {}})).back().error ==
        error_code::bad_arguments);
  CHECK(f.write(script(choose_op{steps(check_op{"no path"}), {}, {}})).back().error ==
        error_code::bad_arguments);
  auto nested = [](std::size_t depth) {
    std::vector<script_step> inner = steps(create("/deep"));
    for (std::size_t i = 0; i < depth; ++i)
      inner = steps(choose_op{{}, std::move(inner), {}});
    return script_op{std::move(inner)};
  };
  CHECK(f.write(nested(script_op::deepest + 1)).back().error == error_code::bad_arguments);
  CHECK_FALSE(f.exists("/deep"));
  CHECK(f.write(nested(script_op::deepest)).back().error == error_code::ok);
  CHECK(f.exists("/deep"));
}

TEST_CASE("script: the caller's permissions hold", "[tree]") {
  fixture f;
  auto op = create("/a", "1");
  op.acl = {{permission_read, {"world", "anyone"}}, {permission_all, {"digest", "u:h"}}};
  f.write(op);
  op = create("/secret", "1");
  op.acl = {{permission_write, {"world", "anyone"}}};
  const auto token = f.one(op).stat.czxid;
  CHECK(f.write(script(add_op{"/a", 1})).at(0).error == error_code::no_auth);
  CHECK(f.write(script(add_op{"/secret", 1})).at(0).error == error_code::no_auth);
  CHECK(f.write(script(check_op{"/secret"})).at(0).error == error_code::no_auth);
  CHECK(f.write(script(guard_op{"/secret", token})).at(0).error == error_code::no_auth);
  CHECK(f.write(script(add_op{"/a", 1}), alice, who({{"digest", "u:h"}})).at(0).number == 2);
  CHECK(f.write(script(create("/b")), session_id{77}).at(0).error == error_code::session_expired);
  CHECK(f.write(script(check_absent_op{"/b"}), session_id{77}).at(0).error ==
        error_code::session_expired);
}

TEST_CASE("script: its budget of accesses is that of a decision", "[tree]") {
  troupe::tree::tree_options options;
  options.decision_accesses = 50;
  fixture f{options};
  script_op flood;
  for (int i = 0; i < 51; ++i)
    flood.steps.push_back({create("/" + std::to_string(i))});
  const auto results = f.write(flood);
  CHECK(results.back().error == error_code::limit_exceeded);
  CHECK(results.back().number == 50);
  CHECK_FALSE(f.exists("/0"));
}
