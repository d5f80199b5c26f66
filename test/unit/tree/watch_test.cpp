// Protocol section 7: what fires what, in which order, for whom.
#include <catch2/catch.hpp>

#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;
using texts = std::vector<std::string>;

TEST_CASE("tree: what fires what", "[tree][watch]") {
  fixture f;
  f.read(exists_op{"/a", true}, {}, 1);
  f.read(add_watch_op{"/a", watch_mode::persistent}, {}, 2);
  f.read(add_watch_op{"/", watch_mode::persistent_recursive}, {}, 3);
  f.read(get_children_op{"/", true}, {}, 4);
  CHECK(f.tree_.watches().size() == 5);

  f.one(create("/a"));
  CHECK(f.events() == texts{"created /a 1,2,3", "children / 4"});
  f.one(create("/a/b"));
  CHECK(f.events() == texts{"created /a/b 3", "children /a 2"});
  f.read(get_data_op{"/a", true}, {}, 1);
  f.read(get_children_op{"/a", true}, {}, 1);
  f.one(set("/a", "x"));
  CHECK(f.events() == texts{"changed /a 1,2,3"});
  f.one(set("/a/b", "x"));
  CHECK(f.events() == texts{"changed /a/b 3"});
  f.one(set_acl_op{"/a", open_acl});
  CHECK(f.events().empty());
  f.one(delete_op{"/a/b"});
  CHECK(f.events() == texts{"deleted /a/b 3", "children /a 1,2"});
  f.read(get_children_op{"/a", true}, {}, 1);
  f.one(delete_op{"/a"});
  CHECK(f.events() == texts{"deleted /a 2,3", "deleted /a 1"});
  f.one(create("/a"));
  CHECK(f.events() == texts{"created /a 2,3"});
}

TEST_CASE("tree: one connection with both kinds hears of a deletion once", "[tree][watch]") {
  fixture f;
  f.one(create("/a"));
  f.read(get_data_op{"/a", true});
  f.read(get_children_op{"/a", true});
  f.one(delete_op{"/a"});
  CHECK(f.events() == texts{"deleted /a 1"});
  CHECK(f.tree_.watches().size() == 0);
  CHECK(f.tree_.watches().path_count() == 0);
}

TEST_CASE("tree: a multi and a session's end fire operation by operation", "[tree][watch]") {
  fixture f;
  f.read(add_watch_op{"/", watch_mode::persistent_recursive});
  f.write(multi_op{{create("/a"), set("/a", "x"), create("/a/b"), delete_op{"/a/b"}}});
  CHECK(f.events() == texts{"created /a 1", "changed /a 1", "created /a/b 1", "deleted /a/b 1"});
  f.one(ephemeral("/a/e2"));
  f.one(ephemeral("/a/e1"));
  f.read(get_children_op{"/a", true}, {}, 2);
  f.write(close_session_op{});
  CHECK(f.events() == texts{"deleted /a/e1 1", "children /a 2", "deleted /a/e2 1"});
}

TEST_CASE("tree: a failed read sets no watch, but exists on a missing node does", "[tree][watch]") {
  fixture f;
  f.read(get_data_op{"/a", true});
  f.read(get_children_op{"/a", true});
  CHECK(f.tree_.watches().size() == 0);
  f.read(exists_op{"/a", true});
  f.read(exists_op{"/a", true});
  CHECK(f.tree_.watches().size() == 1);
  auto closed = create("/closed");
  closed.acl = {{permission_write, {"world", "anyone"}}};
  f.one(closed);
  f.read(exists_op{"/closed", true});
  CHECK(f.tree_.watches().size() == 1);
}

TEST_CASE("tree: events are filtered by READ, with the identities of now", "[tree][watch]") {
  fixture f;
  const acl only_user{{permission_read, {"digest", "user:h"}}, {permission_all, {"super", ""}}};
  auto op = create("/a");
  op.acl = {{permission_all, {"digest", "user:h"}}};
  f.read(exists_op{"/a", true}, {}, 1);
  f.read(exists_op{"/a", true}, who({{"digest", "user:h"}}), 2);
  f.read(exists_op{"/a", true}, {}, 3);
  f.tree_.watcher_identities({lane, 3}, who({{"digest", "user:h"}}));
  f.one(op);
  CHECK(f.events() == texts{"created /a 2,3"});
  // Consumed, although nothing was sent.
  CHECK(f.tree_.watches().size() == 0);
  f.tree_.watcher_identities({lane, 3}, {});
  const auto user = who({{"digest", "user:h"}});
  f.read(get_data_op{"/a", true}, user, 2);
  f.read(get_data_op{"/a", true}, user, 3);
  f.one(delete_op{"/a"});
  CHECK(f.events() == texts{"deleted /a 2"});
}

TEST_CASE("tree: re-registration compares with the tree", "[tree][watch]") {
  fixture f;
  f.one(create("/old"));
  const auto seen = f.tree_.committed().applied();
  f.one(create("/new"));
  f.one(create("/old/child"));
  set_watches_op op;
  op.relative = seen;
  op.data = {"/missing", "/new", "/old"};
  op.exist = {"/new", "/absent"};
  op.child = {"/gone", "/old", "/new/"};
  op.persistent = {"/p"};
  op.persistent_recursive = {"/r"};
  f.read(op);
  CHECK(f.events() == texts{"deleted /missing 1", "changed /new 1", "created /new 1",
                            "deleted /gone 1", "children /old 1", "deleted /new/ 1"});
  CHECK(std::get<troupe::tree::effect::event>(f.effects_.front()).zxid == zxid{});
  CHECK(f.tree_.watches().size() == 2 + 2 + 1);
  op = {f.tree_.committed().applied(), {}, {}, {"/old"}, {}, {}};
  f.read(op);
  CHECK(f.events().empty());
  f.one(delete_op{"/old/child"});
  CHECK(f.events() == texts{"children /old 1"});
}

TEST_CASE("tree: checking and removing watches by kind", "[tree][watch]") {
  using selector = watch_selector;
  fixture f;
  f.one(create("/a"));
  const auto has = [&](selector which) {
    return f.read(check_watches_op{"/a", which}).error == code::ok;
  };
  const auto removed = [&](selector which) {
    return f.read(remove_watches_op{"/a", which}).error == code::ok;
  };
  const auto add_all = [&] {
    f.read(get_data_op{"/a", true});
    f.read(get_children_op{"/a", true});
    f.read(add_watch_op{"/a", watch_mode::persistent});
    f.read(add_watch_op{"/a", watch_mode::persistent_recursive});
  };
  for (const auto which : {selector::children, selector::data, selector::any, selector::persistent,
                           selector::persistent_recursive}) {
    CHECK_FALSE(has(which));
    CHECK_FALSE(removed(which));
  }
  add_all();
  CHECK(f.tree_.watches().size() == 5);
  CHECK(f.read(check_watches_op{"/a", selector::any}, {}, 2).error == code::no_watcher);
  for (const auto which :
       {selector::children, selector::data, selector::persistent, selector::persistent_recursive}) {
    CHECK(has(which));
    CHECK(removed(which));
    CHECK_FALSE(has(which));
  }
  CHECK_FALSE(has(selector::any));
  add_all();
  CHECK(removed(selector::any));
  CHECK(f.tree_.watches().size() == 0);
  CHECK(f.tree_.watches().watcher_count() == 0);
}

TEST_CASE("tree: the watches of a gone connection go with it", "[tree][watch]") {
  fixture f;
  for (int i = 0; i < 100; ++i) {
    f.read(exists_op{"/" + std::to_string(i), true}, {}, 1);
    f.read(exists_op{"/" + std::to_string(i), true}, {}, 2);
  }
  f.tree_.watcher_gone({lane, 1});
  CHECK(f.tree_.watches().size() == 100);
  CHECK(f.tree_.watches().watcher_count() == 1);
  f.one(create("/7"));
  CHECK(f.events() == texts{"created /7 2"});
  f.tree_.watcher_gone({lane, 2});
  CHECK(f.tree_.watches().path_count() == 0);
}

TEST_CASE("tree: watches of a kind are listed by connection", "[tree][watch]") {
  fixture f;
  f.read(exists_op{"/b", true}, {}, 2);
  f.read(exists_op{"/a", true}, {}, 2);
  f.read(get_children_op{"/", true}, {}, 1);
  const auto lists = f.tree_.watches().data_watches();
  REQUIRE(lists.size() == 1);
  CHECK(lists[0].first == watcher_id{lane, 2});
  CHECK(lists[0].second == texts{"/a", "/b"});
}
TEST_CASE("tree: a lane that begins anew has none of its predecessor's watches", "[tree]") {
  fixture f;
  f.read(add_watch_op{"/", watch_mode::persistent_recursive}, {}, 1);
  f.read(exists_op{"/a", true}, {}, 2);
  REQUIRE(f.tree_.watches().size() == 2);
  f.tree_.lane_began(lane + 1);
  CHECK(f.tree_.watches().size() == 2);
  f.tree_.lane_began(lane);
  CHECK(f.tree_.watches().size() == 0);
  CHECK(f.tree_.watches().path_count() == 0);
  f.write(create("/a"));
  CHECK(f.events().empty());
}
