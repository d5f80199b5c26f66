// Protocol sections 4.4 to 4.8 and 9.4: delete, setData, setACL, check, multi, sessions.
#include <catch2/catch.hpp>

#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;

TEST_CASE("tree: checks of delete come in order", "[tree]") {
  fixture f;
  f.one(create("/a"));
  f.one(create("/a/b"));
  auto closed = create("/closed");
  f.one(closed);
  f.one(create("/closed/x"));
  f.one(set_acl_op{"/closed", read_acl});
  const std::vector<std::pair<delete_op, code>> table{
      {{"a"}, code::bad_arguments},
      {{"/"}, code::bad_arguments},
      {{"/zookeeper"}, code::bad_arguments},
      {{"/zookeeper/quota"}, code::bad_arguments},
      {{"/zookeeper/config"}, code::bad_arguments},
      {{"x/y"}, code::no_node},
      {{"/missing/x"}, code::no_node},
      {{"/closed/missing"}, code::no_auth},
      {{"/closed/x"}, code::no_auth},
      {{"/a/missing"}, code::no_node},
      {{"/a/"}, code::no_node},
      {{"/a/\x01"}, code::no_node},
      {{"/a", 1}, code::bad_version},
      {{"/a"}, code::not_empty},
      {{"/a/b", 0}, code::ok},
      {{"/a"}, code::ok},
  };
  for (const auto& [op, expected] : table) {
    INFO(op.path);
    CHECK(f.error(op) == expected);
  }
  CHECK(f.error(delete_op{"a"}, session_id{99}) == code::session_expired);
}

// ZOOKEEPER-4743.
TEST_CASE("tree: setData counts versions, and skips the one that means any", "[tree]") {
  fixture f;
  f.one(create("/a"));
  CHECK(f.error(set("/a", "1", 1)) == code::bad_version);
  CHECK(f.one(set("/a", "12", 0)).stat.version == 1);
  const auto before = f.stat_of("/a");
  const auto after = f.one(set("/a", "12")).stat;
  CHECK(after.version == 2);
  CHECK(after.mzxid == f.tree_.committed().applied());
  CHECK(after.mtime_ms > before.mtime_ms);
  CHECK(after.pzxid == before.pzxid);
  CHECK(f.error(set("/a/", "")) == code::bad_arguments);
  CHECK(f.error(set("a", "")) == code::bad_arguments);
  CHECK(f.error(set("/b", "")) == code::no_node);
  CHECK(f.error(set("/zookeeper/config", "")) == code::no_auth);
  CHECK(f.one(set("/", "root")).stat.version == 1);

  const troupe::tree::node* which = nullptr;
  change::set_data old{"/a", blob{std::string_view{}}, -2};
  REQUIRE(f.tree_.committed().apply(old, before.czxid, f.now_, which) == nullptr);
  CHECK(f.one(set("/a", "", -2)).stat.version == 0);
  old.version = 2147483647;
  REQUIRE(f.tree_.committed().apply(old, before.czxid, f.now_, which) == nullptr);
  CHECK(f.one(set("/a", "", 2147483647)).stat.version == -2147483647 - 1);
}

TEST_CASE("tree: setACL checks aversion and changes nothing else", "[tree]") {
  fixture f;
  f.one(create("/a"));
  const auto before = f.stat_of("/a");
  CHECK(f.error(set_acl_op{"a", open_acl}) == code::bad_arguments);
  CHECK(f.error(set_acl_op{"/missing", {}}) == code::invalid_acl);
  CHECK(f.error(set_acl_op{"/missing", open_acl}) == code::no_node);
  CHECK(f.error(set_acl_op{"/zookeeper/config", open_acl, 7}) == code::no_auth);
  CHECK(f.error(set_acl_op{"/a", open_acl, 1}) == code::bad_version);
  auto expected = before;
  expected.aversion = 1;
  CHECK(f.one(set_acl_op{"/a", read_acl, 0}).stat == expected);
  CHECK(f.error(set_acl_op{"/a", open_acl}) == code::no_auth);
  CHECK(f.error(set("/a", "")) == code::no_auth);
  CHECK(f.error(set("/a", ""), alice, who({{"super", ""}})) == code::ok);
}

TEST_CASE("tree: a multi is all or nothing, and sees itself", "[tree]") {
  fixture f;
  const auto results = f.write(
      multi_op{{create("/m"), sequential("/m/s-"), sequential("/m/s-"), set("/m", "data", 0),
                set("/m", "more", 1), check_op{"/m", 2}, delete_op{"/m/s-0000000000"}}});
  REQUIRE(results.size() == 7);
  CHECK(results[0].stat.cversion == 0);
  CHECK(results[1].path == "/m/s-0000000000");
  CHECK(results[2].path == "/m/s-0000000001");
  CHECK(results[3].stat.version == 1);
  CHECK(results[4].stat.version == 2);
  CHECK(results[4].stat.mzxid == results[3].stat.mzxid);
  CHECK(f.stat_of("/m").cversion == 3);
  CHECK(std::get<troupe::tree::effect::write_outcome>(
            (f.write(multi_op{{check_op{"/m"}}}), f.effects_.back()))
            .is_multi);
}

// ZOOKEEPER-1624.
TEST_CASE("tree: a failed multi leaves no trace, not even a child counter", "[tree]") {
  fixture f;
  f.one(create("/m"));
  const auto digest = f.tree_.committed().digest();
  const auto applied = f.tree_.committed().applied();
  using codes = std::vector<code>;
  CHECK(f.errors({sequential("/m/s-"), set("/m", "x"), check_op{"/m", 9}, delete_op{"/m"}}) ==
        codes{code::ok, code::ok, code::bad_version, code::runtime_inconsistency});
  CHECK(f.errors({check_op{"/m", 9}}) == codes{code::bad_version});
  CHECK(f.errors({create("/z"), create("/y")}, session_id{5}) ==
        codes{code::session_expired, code::runtime_inconsistency});
  CHECK(f.write(multi_op{}).empty());
  CHECK(f.tree_.committed().digest() == digest);
  CHECK(f.tree_.committed().applied() == applied);
  CHECK(f.one(sequential("/m/s-")).path == "/m/s-0000000000");
  CHECK(f.stat_of("/m").czxid.next() == f.tree_.committed().applied());
}

TEST_CASE("tree: requests in flight are checked against each other", "[tree]") {
  fixture f;
  const auto first = f.prepare(create("/a"));
  const auto second = f.prepare(create("/a/b"));
  const auto refused = f.prepare(create("/a"));
  const auto gone = f.prepare(delete_op{"/a/b"});
  const auto number = f.prepare(sequential("/a/n"));
  REQUIRE(std::holds_alternative<verdict>(refused));
  CHECK(std::get<verdict>(refused).after == std::get<txn>(second).zxid);
  CHECK(std::get<verdict>(refused).results.at(0).error == code::node_exists);
  for (const auto* one : {&first, &second, &refused, &gone, &number})
    f.deliver(*one);
  CHECK(f.exists("/a/n0000000001"));
  CHECK_FALSE(f.exists("/a/b"));
}

TEST_CASE("tree: a verdict waits for the state that refused", "[tree]") {
  fixture f;
  const auto made = f.prepare(create("/a"));
  const auto refused = f.prepare(create("/a"));
  f.deliver(refused);
  CHECK(f.tree_.take_effects().empty());
  f.deliver(made);
  const auto effects = f.tree_.take_effects();
  REQUIRE(effects.size() == 2);
  const auto& late = std::get<troupe::tree::effect::write_outcome>(effects[1]);
  CHECK(late.results.at(0).error == code::node_exists);
  CHECK(late.zxid == std::get<txn>(made).zxid);
}

TEST_CASE("tree: sync succeeds without a zxid and echoes its path", "[tree]") {
  fixture f;
  const auto applied = f.tree_.committed().applied();
  const auto result = f.one(sync_op{"no path at all"});
  CHECK(result.error == code::ok);
  CHECK(result.path == "no path at all");
  CHECK(f.tree_.committed().applied() == applied);
}

TEST_CASE("tree: the first transaction carries the key of passwords", "[tree]") {
  fixture f;
  CHECK(f.tree_.committed().secret() == "a secret of the deployment");
  f.write(create_session_op{milliseconds{1000}}, session_id{77});
  const auto& made = std::get<troupe::tree::effect::session_outcome>(f.effects_.back());
  CHECK(made.session == session_id{77});
  CHECK(made.timeout == milliseconds{1000});
  CHECK(made.password.size() == 16);
}

TEST_CASE("tree: closing a session deletes what it owns, in flight or not", "[tree]") {
  fixture f;
  f.one(create("/d"));
  f.one(ephemeral("/d/applied"));
  f.one(ephemeral("/d/deleted"));
  f.one(ephemeral("/d/bobs"), bob);
  CHECK(f.stat_of("/d/applied").ephemeral_owner == alice);
  CHECK(f.read(get_ephemerals_op{}).names == name_list{"/d/applied", "/d/deleted"});
  CHECK(f.read(get_ephemerals_op{"/d/a"}).names == name_list{"/d/applied"});
  const auto deletion = f.prepare(delete_op{"/d/deleted"});
  const auto creation = f.prepare(ephemeral("/d/pending"));
  const auto closing = f.prepare(close_session_op{close_cause::expired});
  const auto late = f.prepare(ephemeral("/d/late"));
  const auto again = f.prepare(close_session_op{});
  CHECK(std::get<verdict>(late).results.at(0).error == code::session_expired);
  CHECK(std::get<verdict>(again).results.at(0).error == code::session_expired);
  CHECK(std::get<txn>(closing).changes.size() == 3);
  for (const auto* one : {&deletion, &creation, &closing})
    f.deliver(*one);
  CHECK(f.read(get_children_op{"/d"}).names == name_list{"bobs"});
  CHECK(f.stat_of("/d").cversion == 7);
  CHECK(f.stat_of("/d").pzxid == std::get<txn>(closing).zxid);
  CHECK(f.tree_.committed().sessions().find(alice) == nullptr);
  CHECK(f.tree_.committed().ephemeral_count() == 1);
  CHECK(f.error(close_session_op{}) == code::session_expired);
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
}

TEST_CASE("tree: the end of a session comes after its events and its reply", "[tree]") {
  fixture f;
  f.one(ephemeral("/e"));
  f.read(exists_op{"/e", true}, {}, 5);
  CHECK(f.write(close_session_op{}).size() == 1);
  REQUIRE(f.effects_.size() == 3);
  CHECK(f.events() == std::vector<std::string>{"deleted /e 5"});
  CHECK(std::holds_alternative<troupe::tree::effect::write_outcome>(f.effects_[1]));
  CHECK(std::holds_alternative<troupe::tree::effect::session_closed>(f.effects_[2]));
}

TEST_CASE("tree: writes are refused when the epoch has no zxid left", "[tree]") {
  fixture f;
  f.tree_.preparing().skip_to(0xfffffffe);
  CHECK(std::holds_alternative<txn>(f.prepare(create("/last"))));
  CHECK(f.tree_.preparing().exhausted());
  const auto refused = f.prepare(multi_op{{create("/more"), create("/and")}});
  CHECK(std::get<verdict>(refused).results.at(0).error == code::not_read_only);
  CHECK(std::holds_alternative<verdict>(f.prepare(sync_op{"/"})));
}
