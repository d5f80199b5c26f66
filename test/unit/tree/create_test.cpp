// Protocol section 4.3: create, in the order of its checks; 6.2: sequence numbers.
#include <catch2/catch.hpp>

#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;

TEST_CASE("tree: a created node has the Stat that section 5 says", "[tree]") {
  fixture f;
  const auto made = f.one(create("/a", "xyz"));
  const auto z = f.tree_.committed().applied();
  REQUIRE(made.error == code::ok);
  CHECK(made.path == "/a");
  stat expected;
  expected.czxid = expected.mzxid = expected.pzxid = z;
  expected.ctime_ms = expected.mtime_ms = f.now_.ms;
  expected.data_length = 3;
  CHECK(made.stat == expected);
  CHECK(f.stat_of("/a") == expected);
  const auto root = f.stat_of("/");
  CHECK(root.cversion == 0);
  CHECK(root.num_children == 2);
  CHECK(root.pzxid == z);
  CHECK(root.mzxid == zxid{});
  CHECK(root.version == 0);
}

TEST_CASE("tree: checks of create come in order", "[tree]") {
  fixture f;
  f.one(create("/a"));
  f.one(ephemeral("/e"));
  auto closed = create("/closed");
  closed.acl = read_acl;
  f.one(closed);

  auto no_acl = create("/a");
  no_acl.acl = {};
  auto ttl_of_persistent = create("/t");
  ttl_of_persistent.ttl_ms = 5;
  auto ephemeral_without_session = ephemeral("/x");

  const std::vector<std::pair<create_op, code>> table{
      {with_ttl("noslash", 5), code::unimplemented},
      {ttl_of_persistent, code::bad_arguments},
      {create("noslash"), code::bad_arguments},
      {create(std::string("/a\0b", 4)), code::bad_arguments},
      {create(""), code::bad_arguments},
      {no_acl, code::invalid_acl},
      {create("x/y"), code::no_node},
      {create("/missing/x"), code::no_node},
      {create("/p//q"), code::no_node},
      {create("/./p"), code::no_node},
      {create("/closed/x"), code::no_auth},
      {create("/closed/.."), code::no_auth},
      {create("//p"), code::bad_arguments},
      {create("/a/"), code::bad_arguments},
      {create("/a/."), code::bad_arguments},
      {create("/a/\x01"), code::bad_arguments},
      {create("/a"), code::node_exists},
      {create("/"), code::node_exists},
      {create("/e/x"), code::no_children_for_ephemerals},
  };
  const auto applied = f.tree_.committed().applied();
  for (const auto& [op, expected] : table) {
    INFO(op.path);
    CHECK(f.error(op) == expected);
  }
  CHECK(f.error(create("noslash"), session_id{99}) == code::session_expired);
  CHECK(f.error(ephemeral("/x"), session_id{}) == code::session_expired);
  CHECK(f.error(create("/system"), session_id{}) == code::ok);
  CHECK(f.tree_.committed().applied() == applied.next());
}

TEST_CASE("tree: TTL nodes need extended types and a TTL in range", "[tree]") {
  troupe::tree::tree_options options;
  options.extended_types = true;
  fixture f{options};
  CHECK(f.error(with_ttl("/t", 0)) == code::bad_arguments);
  CHECK(f.error(with_ttl("/t", -1)) == code::bad_arguments);
  CHECK(f.error(with_ttl("/t", std::int64_t{1} << 40)) == code::bad_arguments);
  CHECK(f.error(with_ttl("/t", (std::int64_t{1} << 40) - 1)) == code::ok);
  CHECK(f.error(with_ttl("/u", 1)) == code::ok);
  CHECK(f.stat_of("/u").ephemeral_owner == session_id{});
  CHECK(f.error(create("/u/child")) == code::ok);
}

TEST_CASE("tree: sequence numbers count all children ever created", "[tree]") {
  fixture f;
  f.one(create("/q"));
  CHECK(f.one(sequential("/q/n-")).path == "/q/n-0000000000");
  f.one(create("/q/plain"));
  CHECK(f.one(sequential("/q/m-")).path == "/q/m-0000000002");
  f.one(delete_op{"/q/n-0000000000"});
  CHECK(f.one(sequential("/q/")).path == "/q/0000000003");
  CHECK(f.one(sequential("/q/..")).path == "/q/..0000000004");
  CHECK(f.stat_of("/q").cversion == 6);
  CHECK(f.stat_of("/q").num_children == 4);
  // A failed create does not count.
  CHECK(f.error(sequential("/q/\x01")) == code::bad_arguments);
  CHECK(f.one(sequential("/q/n-")).path == "/q/n-0000000005");
}

TEST_CASE("tree: null and empty data are kept apart", "[tree]") {
  fixture f;
  auto null_data = create("/null");
  null_data.data = blob{};
  f.one(null_data);
  f.one(create("/empty"));
  CHECK(f.read(get_data_op{"/null"}).data.is_null());
  CHECK_FALSE(f.read(get_data_op{"/empty"}).data.is_null());
  CHECK(f.stat_of("/null").data_length == 0);
}

TEST_CASE("tree: built-in nodes of a new tree", "[tree]") {
  troupe::tree::tree t{{}};
  const auto& state = t.committed();
  const auto stat_at = [&](const char* path) { return state.stat_of(*state.find(path)); };
  CHECK(stat_at("/").cversion == -1);
  CHECK(stat_at("/zookeeper").cversion == -2);
  CHECK(stat_at("/zookeeper").num_children == 2);
  CHECK(stat_at("/zookeeper/quota") == stat{});
  CHECK(stat_at("/zookeeper/config").aversion == -1);
  CHECK(*state.acl_of(*state.find("/zookeeper/config")).list == read_acl);
  CHECK(state.nodes().size() + 1 == 5);
  CHECK(state.approximate_bytes() == 44);
  CHECK(state.digest() == state.recomputed_digest());
}
