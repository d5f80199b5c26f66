// Bugs that ZooKeeper has had, played on this tree (docs/zookeeper-bugs.md): snapshots with the log
// replayed over them, and what is in a transaction.
#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "actors/tree/core/snapshot_source.hpp"
#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;
namespace tree_ns = troupe::tree;

namespace {

/// A leader whose transactions are kept, as its log would.
struct logged : fixture {
  void log(write_op op, session_id session = alice) {
    const auto outcome = prepare(std::move(op), session);
    REQUIRE(std::holds_alternative<txn>(outcome));
    decided.push_back(std::get<txn>(outcome));
    deliver(outcome);
  }
  /// What a restart makes of a snapshot that was taken while `changes` were made, one after each
  /// record of it, and of the log after it.
  void restart(tree_ns::tree& copy, const std::vector<std::function<void()>>& changes) {
    std::string bytes;
    tree_ns::snapshot_source source{
        tree_.committed(), [&](const auto& record) { tree_ns::codec::append(bytes, record); }};
    auto next = changes.begin();
    for (bool more = true; more;) {
      if (next != changes.end()) (*next++)();
      more = source.advance();
    }
    for (; next != changes.end(); ++next)
      (*next)();
    tree_ns::snapshot_loader loader{copy.committed(), source.at(), source.digest()};
    tree_ns::codec::snapshot_decoder decoder{[&](const auto& r) { return loader.add(r); }};
    REQUIRE(decoder.feed(bytes).empty());
    REQUIRE(loader.complete());
    for (const auto& one : decided)
      if (one.zxid > source.at())
        REQUIRE(
            copy.replay(tree_ns::codec::decode(tree_ns::codec::encode(one).body).value()).empty());
    REQUIRE(copy.committed().digest() == tree_.committed().digest());
  }

  std::vector<txn> decided;
};

stat stat_in(const tree_ns::tree& where, const std::string& path) {
  const auto* found = where.committed().find(path);
  REQUIRE(found);
  return where.committed().stat_of(*found);
}

}  // namespace

TEST_CASE("tree: ZOOKEEPER-3124, 3125, 3249 counters of a parent after snapshot and replay",
          "[tree][snapshot]") {
  logged f;
  f.log(create("/p"));
  f.log(create("/p/a"));
  f.log(create("/q"));
  tree_ns::tree copy{{}};
  f.restart(copy, {[&] { f.log(create("/p/b")); }, [&] { f.log(delete_op{"/p/a"}); },
                   [&] { f.log(create("/p/a")); }, [&] { f.log(delete_op{"/p/b"}); },
                   [&] { f.log(sequential("/p/s")); }});
  CHECK(stat_in(copy, "/p") == f.stat_of("/p"));
  CHECK(stat_in(copy, "/p").cversion == 6);
  CHECK(stat_in(copy, "/p").pzxid == f.tree_.committed().applied());
}

TEST_CASE("tree: ZOOKEEPER-3144, 3145 a session that is closed during a snapshot leaves nothing",
          "[tree][snapshot]") {
  logged f;
  f.log(create("/d"));
  f.log(ephemeral("/d/a"));
  f.log(ephemeral("/d/b"));
  f.log(ephemeral("/d/bobs"), bob);
  tree_ns::tree copy{{}};
  f.restart(copy, {[&] { f.log(ephemeral("/d/c")); }, [&] { f.log(delete_op{"/d/a"}); },
                   [&] { f.log(close_session_op{close_cause::expired}); },
                   [&] { f.log(create("/d/a"), bob); }});
  // What goes stands in the transaction; nobody derives it from a table of its own.
  const auto& closing = f.decided[f.decided.size() - 2];
  std::vector<std::string> removed;
  for (const auto& one : closing.changes)
    if (const auto* gone = std::get_if<change::delete_node>(&one)) removed.push_back(gone->path);
  std::sort(removed.begin(), removed.end());
  CHECK(removed == std::vector<std::string>{"/d/b", "/d/c"});
  CHECK(copy.committed().ephemeral_count() == 1);
  CHECK(copy.committed().find("/d/a"));
  CHECK_FALSE(copy.committed().sessions().find(alice));
}

TEST_CASE("tree: ZOOKEEPER-3306, 4689, 4846 every node of a snapshot has its own access list",
          "[tree][snapshot]") {
  logged f;
  const acl other{{permission_all, {"digest", "u:h"}}, {permission_read, {"world", "anyone"}}};
  const acl late{{permission_all, {"ip", "10.0.0.1"}}, {permission_all, {"world", "anyone"}}};
  f.log(create("/a"));
  f.log(create("/b"));
  f.log(create("/c"));
  f.log(set_acl_op{"/b", other});
  tree_ns::tree copy{{}};
  // The last node with a list loses it, and another list takes its place in the table.
  f.restart(copy, {[&] { f.log(delete_op{"/b"}); },
                   [&] {
                     f.log(set_acl_op{"/c", late});
                   },
                   [&] { f.log(create("/b")); },
                   [&] {
                     f.log(set_acl_op{"/a", other});
                   }});
  const auto& made = copy.committed();
  CHECK(*made.acl_of(*made.find("/a")).list == other);
  CHECK(*made.acl_of(*made.find("/b")).list == open_acl);
  CHECK(*made.acl_of(*made.find("/c")).list == late);
}

TEST_CASE("tree: ZOOKEEPER-3127 a position is that of a whole transaction", "[tree][snapshot]") {
  logged f;
  f.log(multi_op{{create("/m"), create("/m/a"), create("/m/b")}});
  tree_ns::tree copy{{}};
  f.restart(copy, {[&] { f.log(multi_op{{set("/m/a", "1"), delete_op{"/m/b"}}}); }});
  const auto applied = copy.committed().applied();
  CHECK(applied == f.decided.back().zxid);
  // One that was made for another state is refused, and its number is not taken.
  txn wrong;
  wrong.zxid = applied.next();
  wrong.kind = txn_kind::multi;
  wrong.changes = {change::set_data{"/m/a", blob{"2"}, 2}, change::delete_node{"/m/b"}};
  CHECK_FALSE(copy.replay(wrong).empty());
  CHECK(copy.committed().applied() == applied);
}

TEST_CASE("tree: ZOOKEEPER-2926 sessions are part of the state that transactions make", "[tree]") {
  logged f;
  constexpr session_id carol{0x300000000000001};
  tree_ns::tree other{{}};
  f.restart(other, {});
  const auto before = f.tree_.committed().digest();
  f.log(create_session_op{milliseconds{5000}}, carol);
  CHECK(f.tree_.committed().digest() != before);
  REQUIRE(other.replay(f.decided.back()).empty());
  REQUIRE(other.committed().sessions().find(carol));
  CHECK(other.committed().digest() == f.tree_.committed().digest());
  f.log(close_session_op{}, carol);
  REQUIRE(other.replay(f.decided.back()).empty());
  CHECK_FALSE(other.committed().sessions().find(carol));
  CHECK(other.committed().digest() == f.tree_.committed().digest());
  CHECK(f.tree_.committed().digest() == before);
}

TEST_CASE("tree: ZOOKEEPER-2623 a transaction that only checks is logged and replayed", "[tree]") {
  logged f;
  f.log(create("/a"));
  tree_ns::tree copy{{}};
  f.restart(copy, {});
  f.log(multi_op{{check_op{"/a", 0}, check_op{"/"}}});
  REQUIRE(f.decided.back().changes.size() == 2);
  const auto read_back = tree_ns::codec::decode(tree_ns::codec::encode(f.decided.back()).body);
  REQUIRE(read_back.ok());
  REQUIRE(copy.replay(*read_back).empty());
  CHECK(copy.committed().applied() == f.tree_.committed().applied());
}

TEST_CASE("tree: ZOOKEEPER-2901 no session id means a container or a node that ages", "[tree]") {
  logged f;
  // What ZooKeeper gives to containers, and the highest server with the form of a TTL.
  for (const auto id : {0x8000000000000000ULL, 0xff00000000002710ULL}) {
    CAPTURE(id);
    const session_id owner{id};
    f.log(create_session_op{milliseconds{4000}}, owner);
    f.log(create("/box", "", node_kind::container));
    f.log(ephemeral("/mine"), owner);
    CHECK(f.stat_of("/mine").ephemeral_owner == owner);
    CHECK(f.tree_.committed().find("/mine")->kind() == node_kind::ephemeral);
    CHECK(f.tree_.committed().reapable().size() == 1);  // the container
    f.log(close_session_op{}, owner);
    CHECK_FALSE(f.exists("/mine"));
    CHECK(f.exists("/box"));
    f.log(delete_op{"/box"});
  }
}

TEST_CASE("tree: ZOOKEEPER-2886 a session that moved may send nothing but multis", "[tree]") {
  fixture f;
  f.tree_.stop_leading();
  f.tree_.lead(2, {}, true);
  const auto through = [&](std::uint32_t server) {
    auto asked = f.request(multi_op{{set("/", "x"), set("/", "y")}});
    asked.origin.server = {server};
    return f.tree_.preparing().prepare(std::move(asked), f.now_);
  };
  CHECK(std::holds_alternative<txn>(through(2)));
  f.tree_.preparing().own(alice, {3});
  for (int i = 0; i < 2; ++i) {
    CHECK(std::holds_alternative<txn>(through(3)));
    const auto late = through(2);
    REQUIRE(std::holds_alternative<verdict>(late));
    CHECK(std::get<verdict>(late).results.at(0).error == code::session_moved);
  }
}

TEST_CASE("tree: ZOOKEEPER-1675, 2136, 3600 a sync comes after all that was proposed before it",
          "[tree]") {
  fixture f;
  const auto made = f.prepare(create("/a"));
  const auto sync = f.prepare(sync_op{"/"});
  REQUIRE(std::holds_alternative<verdict>(sync));
  CHECK(std::get<verdict>(sync).after == std::get<txn>(made).zxid);
  f.deliver(sync);
  CHECK(f.tree_.take_effects().empty());  // not before what it waits for is applied
  f.deliver(made);
  CHECK(f.tree_.take_effects().size() == 2);
}
