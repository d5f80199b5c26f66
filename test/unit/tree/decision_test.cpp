#include <catch2/catch.hpp>

#include "test/unit/tree/decisions.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using strings = std::vector<std::string>;

namespace {

auto nothing(decision_tree&) { return text("done"); }

}  // namespace

TEST_CASE("decision: its operations are one transaction, and its reply comes with the outcome",
          "[tree]") {
  fixture f;
  const auto at = f.tree_.committed().applied();
  const auto made = make(f, [](decision_tree& tree) {
    CHECK(tree.create(create("/a", "one"), {}).error == error_code::ok);
    const auto child = tree.create(sequential("/a/n-"), {});
    CHECK(child.path == "/a/n-0000000000");
    CHECK(tree.set_data("/a", text("two"), 0) == error_code::ok);
    return text(child.path);
  });
  CHECK(made.error == error_code::ok);
  CHECK(made.reply == "/a/n-0000000000");
  CHECK(made.at == at.next());
  CHECK(f.tree_.committed().applied() == at.next());
  CHECK(f.data_of("/a") == "two");
  CHECK(f.stat_of("/a/n-0000000000").czxid == at.next());
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
}

TEST_CASE("decision: the reply does not leave before its transaction is applied", "[tree]") {
  fixture f;
  f.tree_.take_effects();
  const auto pending = f.prepare(decide([](decision_tree& tree) {
                                   (void)tree.create(create("/a"), {});
                                   return text("made");
                                 }),
                                 {});
  CHECK(outcomes(f).empty());
  f.deliver(pending);
  CHECK(outcomes(f).at(0).reply == "made");
  CHECK(f.tree_.preparing().replies().size() == 0);
}

TEST_CASE("decision: without operations nothing is logged, and the reply waits for what it saw",
          "[tree]") {
  fixture f;
  f.tree_.take_effects();
  const auto before = f.prepare(create("/a", "in flight"), alice);
  const auto look =
      f.prepare(decide([](decision_tree& tree) { return tree.node("/a")->data; }), {});
  REQUIRE(std::holds_alternative<verdict>(look));
  f.deliver(look);
  CHECK(outcomes(f).empty());
  f.deliver(before);
  const auto told = outcomes(f);
  REQUIRE(told.size() == 2);
  CHECK(told[1].reply == "in flight");
}

TEST_CASE("decision: it sees what is in flight with data, zxids, times and children", "[tree]") {
  fixture f;
  f.write(create("/a", "old"));
  f.write(create("/a/gone"));
  f.write(create("/a/kept"));
  std::vector<std::variant<txn, verdict>> pending;
  pending.push_back(f.prepare(set("/a", "new")));
  pending.push_back(f.prepare(delete_op{"/a/gone"}));
  pending.push_back(f.prepare(create("/a/fresh", "f")));
  pending.push_back(f.prepare(create("/a/fresh/deep")));
  pending.push_back(f.prepare(delete_op{"/a/fresh/deep"}));

  struct seen {
    tree_view::node_facts a, fresh;
    strings children, below;
    bool gone = false;
  } was;
  pending.push_back(f.prepare(decide([&](decision_tree& tree) {
                                was = {*tree.node("/a"), *tree.node("/a/fresh"),
                                       tree.children("/a"), tree.children("/a/fresh"),
                                       !tree.node("/a/gone")};
                                return blob{};
                              }),
                              {}));
  for (const auto& one : pending)
    f.deliver(one);
  CHECK(was.a.data.view() == "new");
  CHECK(was.children == strings{"fresh", "kept"});
  CHECK(was.below.empty());
  CHECK(was.gone);
  // All as it really became.
  CHECK(was.a.stat == f.stat_of("/a"));
  CHECK(was.fresh.stat == f.stat_of("/a/fresh"));
}

TEST_CASE("decision: it sees partly applied nodes as they are", "[tree]") {
  fixture f;
  const auto made = f.prepare(create("/a", "1"));
  const auto changed = f.prepare(set("/a", "2"));
  f.deliver(made);
  tree_view::node_facts was;
  const auto look = f.prepare(decide([&](decision_tree& tree) {
                                was = *tree.node("/a");
                                return blob{};
                              }),
                              {});
  f.deliver(changed);
  f.deliver(look);
  CHECK(was.data.view() == "2");
  CHECK(was.stat == f.stat_of("/a"));
}

TEST_CASE("decision: a node that was deleted and made again in flight is the new one", "[tree]") {
  fixture f;
  f.write(create("/a", "old"));
  f.write(create("/a/x"));
  std::vector<std::variant<txn, verdict>> pending;
  for (write_op op : {write_op{delete_op{"/a/x"}}, write_op{delete_op{"/a"}},
                      write_op{create("/a", "new")}, write_op{create("/a/y")}})
    pending.push_back(f.prepare(std::move(op)));
  tree_view::node_facts was;
  strings children;
  pending.push_back(f.prepare(decide([&](decision_tree& tree) {
                                was = *tree.node("/a");
                                children = tree.children("/a");
                                return blob{};
                              }),
                              {}));
  for (const auto& one : pending)
    f.deliver(one);
  CHECK(was.data.view() == "new");
  CHECK(children == strings{"y"});
  CHECK(was.stat == f.stat_of("/a"));
}

TEST_CASE("decision: later writes in flight see what it did", "[tree]") {
  fixture f;
  const auto first = f.prepare(decide([](decision_tree& tree) {
                                 (void)tree.create(create("/a"), {});
                                 return blob{};
                               }),
                               {});
  const auto second = f.prepare(create("/a/b"));
  const auto third = f.prepare(create("/a"));
  CHECK(std::holds_alternative<txn>(second));
  CHECK(std::get<verdict>(third).results.at(0).error == error_code::node_exists);
  for (const auto* one : {&first, &second, &third})
    f.deliver(*one);
  CHECK(f.exists("/a/b"));
}

TEST_CASE("decision: next_zxid and now are those of its transaction", "[tree]") {
  fixture f;
  const auto in_flight = f.prepare(create("/x"));
  zxid promised;
  wall_time time;
  const auto made = f.prepare(decide([&](decision_tree& tree) {
                                promised = tree.next_zxid();
                                time = tree.now();
                                (void)tree.create(create("/a"), {});
                                return blob{};
                              }),
                              {});
  f.deliver(in_flight);
  f.deliver(made);
  CHECK(f.stat_of("/a").czxid == promised);
  CHECK(f.stat_of("/a").ctime_ms == time.ms);
}

TEST_CASE("decision: an operation that is refused leaves no trace, and the decision goes on",
          "[tree]") {
  fixture f;
  const auto made = make(f, [](decision_tree& tree) {
    CHECK(tree.create(create("/none/a"), {}).error == error_code::no_node);
    CHECK(tree.remove("/none", any_version) == error_code::no_node);
    CHECK(tree.set_data("/zookeeper", blob{}, 5) == error_code::bad_version);
    CHECK(tree.create(create("/a"), {}).error == error_code::ok);
    CHECK(tree.create(create("/a"), {}).error == error_code::node_exists);
    return text("went on");
  });
  CHECK(made.reply == "went on");
  CHECK(f.exists("/a"));
}

TEST_CASE("decision: what it throws takes back everything, and is told", "[tree]") {
  fixture f;
  const auto digest = f.tree_.committed().digest();
  const auto draft = [](decision_tree& tree) {
    (void)tree.create(create("/a"), {});
    (void)tree.create(create("/a/b"), {});
  };
  const auto refused = make(f, [&](decision_tree& tree) -> blob {
    draft(tree);
    throw decision_refused{error_code::fenced, "not the holder"};
  });
  CHECK(refused.error == error_code::fenced);
  CHECK(refused.reply == "not the holder");
  CHECK(f.tree_.preparing().guards().take_complaints().empty());

  const auto failed = make(f, [&](decision_tree& tree) -> blob {
    draft(tree);
    throw std::runtime_error{"a mistake"};
  });
  CHECK(failed.error == error_code::decision_failed);
  const auto complaints = f.tree_.preparing().guards().take_complaints();
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].name == "test decision");
  CHECK(complaints[0].reason == "a mistake");

  const auto strange = make(f, [&](decision_tree& tree) -> blob {
    draft(tree);
    throw 42;
  });
  CHECK(strange.error == error_code::decision_failed);
  CHECK(f.tree_.committed().digest() == digest);
  // Nothing is left in flight either.
  CHECK(f.error(create("/a")) == error_code::ok);
  CHECK(make(f, nothing).reply == "done");
}

TEST_CASE("decision: over its budget it ends, also if it does not let the exception pass",
          "[tree]") {
  troupe::tree::tree_options options;
  options.decision_accesses = 100;
  fixture f{options};
  const auto endless = make(f, [](decision_tree& tree) -> blob {
    (void)tree.create(create("/a"), {});
    for (;;)
      (void)tree.node("/a");
  });
  CHECK(endless.error == error_code::limit_exceeded);
  const auto stubborn = make(f, [](decision_tree& tree) {
    (void)tree.create(create("/a"), {});
    for (int i = 0; i < 200; ++i) {
      try {
        (void)tree.node("/a");
      } catch (const decision_over_budget&) {
        continue;
      }
    }
    return text("never mind");
  });
  CHECK(stubborn.error == error_code::limit_exceeded);
  CHECK_FALSE(f.exists("/a"));

  f.write(create("/many"));
  for (int i = 0; i < 200; ++i)
    f.write(create("/many/" + std::to_string(i)));
  const auto lists = make(
      f, [](decision_tree& tree) { return text(std::to_string(tree.children("/many").size())); });
  CHECK(lists.error == error_code::limit_exceeded);
}

TEST_CASE("decision: what it writes is bounded", "[tree]") {
  fixture f;
  const std::string large(1 << 20, 'x');
  const auto flood = make(f, [&](decision_tree& tree) {
    for (int i = 0; i < 5; ++i)
      (void)tree.create(create("/" + std::to_string(i), large), {});
    return blob{};
  });
  CHECK(flood.error == error_code::limit_exceeded);
  CHECK_FALSE(f.exists("/0"));
}

TEST_CASE("decision: ephemeral nodes belong to a session that is open", "[tree]") {
  fixture f;
  const auto made = make(f, [](decision_tree& tree) {
    CHECK(tree.is_open(alice));
    CHECK(tree.create(ephemeral("/e"), alice).error == error_code::ok);
    CHECK(tree.create(ephemeral("/f"), {}).error == error_code::session_expired);
    CHECK(tree.create(ephemeral("/g"), session_id{77}).error == error_code::session_expired);
    return blob{};
  });
  CHECK(made.error == error_code::ok);
  CHECK(f.stat_of("/e").ephemeral_owner == alice);
  f.write(close_session_op{}, alice);
  CHECK_FALSE(f.exists("/e"));
}

TEST_CASE("decision: a session that closes in flight is not open, and its nodes are gone",
          "[tree]") {
  fixture f;
  f.write(ephemeral("/e"), alice);
  const auto closing = f.prepare(close_session_op{}, alice);
  bool open = true, there = true;
  strings children;
  const auto look =
      f.prepare(decide([&](decision_tree& tree) {
                  open = tree.is_open(alice);
                  there = tree.node("/e").has_value();
                  children = tree.children("/");
                  CHECK(tree.create(ephemeral("/e"), alice).error == error_code::session_expired);
                  return blob{};
                }),
                {});
  CHECK_FALSE(open);
  CHECK_FALSE(there);
  CHECK(children == strings{"zookeeper"});
  f.deliver(closing);
  f.deliver(look);
}

TEST_CASE("decision: for a session that is not open it does not run", "[tree]") {
  fixture f;
  bool ran = false;
  const auto made = make(
      f,
      [&](decision_tree&) {
        ran = true;
        return blob{};
      },
      session_id{77});
  CHECK(made.error == error_code::session_expired);
  CHECK_FALSE(ran);
}

TEST_CASE("decision: it is the server itself, but can ask for what a client may do", "[tree]") {
  fixture f;
  auto op = create("/a");
  op.acl = {{permission_read | permission_create, {"digest", "u:h"}}};
  f.write(op);
  const auto made = make(f, [](decision_tree& tree) {
    CHECK(tree.create(create("/a/b"), {}).error == error_code::ok);
    CHECK_FALSE(tree.allows("/a", permission_create, {}));
    CHECK(tree.allows("/a", permission_create, who({{"digest", "u:h"}})));
    CHECK_FALSE(tree.allows("/a", permission_delete, who({{"digest", "u:h"}})));
    CHECK_FALSE(tree.allows("/none", permission_read, {}));
    return blob{};
  });
  CHECK(made.error == error_code::ok);
}

TEST_CASE("decision: whose session it is for says nothing about where that one's client is",
          "[tree]") {
  fixture f;
  f.tree_.stop_leading();
  f.tree_.lead(2, "", true);
  // Bob writes through server 2.
  auto elsewhere = f.request(create("/b"), bob);
  elsewhere.origin.server = {2};
  f.deliver(f.tree_.preparing().prepare(elsewhere, f.now_));
  CHECK(make(
            f,
            [](decision_tree& tree) {
              (void)tree.create(ephemeral("/lock"), bob);
              return blob{};
            },
            bob)
            .error == error_code::ok);
  elsewhere = f.request(set("/b", "still there"), bob);
  elsewhere.origin.server = {2};
  f.deliver(f.tree_.preparing().prepare(elsewhere, f.now_));
  CHECK(f.data_of("/b") == "still there");
  CHECK(f.tree_.committed().sessions().find(bob)->newest.server == server_id{2});
}

TEST_CASE("decision: a reply outlives the lead if and only if its transaction does", "[tree]") {
  fixture f;
  f.tree_.take_effects();
  const auto op = decide([](decision_tree& tree) {
    (void)tree.create(create("/a"), {});
    return text("made");
  });
  SECTION("the next leader commits it") {
    const auto pending = f.prepare(op, {});
    f.tree_.stop_leading();
    f.deliver(pending);
    CHECK(outcomes(f).at(0).reply == "made");
  }
  SECTION("the next leader does not have it") {
    const auto pending = std::get<txn>(f.prepare(op, {}));
    f.tree_.stop_leading();
    f.tree_.deliver(
        verdict{pending.origin, {}, {}, {{error_code::not_leader, {}, {}}}, txn_kind::multi});
    const auto told = outcomes(f).at(0);
    CHECK(told.error == error_code::not_leader);
    CHECK_FALSE(told.has_reply);
  }
  CHECK(f.tree_.preparing().replies().size() == 0);
}

TEST_CASE("decision: the first transaction of a tree carries the secret as ever", "[tree]") {
  troupe::tree::tree fresh{{}};
  fresh.set_server({1}, 1);
  fresh.lead(1, "a secret");
  auto looked = fresh.preparing().prepare({{{1}, 1, lane, 1}, {}, {}, 0, decide(nothing)}, {});
  CHECK(std::holds_alternative<verdict>(looked));
  auto made =
      fresh.preparing().prepare({{{1}, 1, lane, 2}, {}, {}, 0, decide([](decision_tree& tree) {
                                   (void)tree.create(create("/a"), {});
                                   return blob{};
                                 })},
                                {});
  fresh.deliver(std::get<txn>(made));
  CHECK(fresh.committed().secret() == "a secret");
}
