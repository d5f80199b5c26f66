// Protocol section 6.4: quotas; 6.3: containers and TTL nodes.
#include <catch2/catch.hpp>

#include "actors/tree/core/quota.hpp"
#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;

namespace {

void add_quota(fixture& f, const std::string& subject, const std::string& limits) {
  f.one(create("/zookeeper/quota" + subject));
  f.one(create("/zookeeper/quota" + subject + "/zookeeper_limits", limits));
  f.one(create("/zookeeper/quota" + subject + "/zookeeper_stats", "count=0,bytes=0"));
}

}  // namespace

TEST_CASE("tree: limits are read leniently", "[tree][quota]") {
  using limits = troupe::tree::quota_limits;
  const auto parse = troupe::tree::parse_quota_limits;
  CHECK(parse("") == limits{});
  CHECK(parse("count=3,bytes=4") == limits{3, 4, -1, -1});
  CHECK(parse("count=1,bytes=2=;byteHardLimit=3;countHardLimit=4") == limits{1, 2, 4, 3});
  CHECK(parse(";;countHardLimit=0,,junk,=,count=,bytes=x") == limits{-1, -1, 0, -1});
}

TEST_CASE("tree: usage is shown in the stats node and follows every change", "[tree][quota]") {
  fixture f;
  const std::string stats = "/zookeeper/quota/app/zookeeper_stats";
  f.one(create("/app", "12345"));
  f.one(create("/app/x", "1"));
  f.one(create("/application", "not below"));
  add_quota(f, "/app", "count=10,bytes=100");
  CHECK(f.data_of(stats) == "count=2,bytes=6");
  const auto before = f.stat_of(stats);
  f.read(exists_op{stats, true});
  f.one(create("/app/y", "22"));
  f.one(set("/app/x", "333"));
  CHECK(f.data_of(stats) == "count=3,bytes=10");
  f.one(delete_op{"/app/x"});
  CHECK(f.data_of(stats) == "count=2,bytes=7");
  auto after = f.stat_of(stats);
  CHECK(after.data_length == 15);
  after.data_length = before.data_length;
  CHECK(after == before);
  CHECK(f.tree_.watches().size() == 1);
  f.one(delete_op{"/app/y"});
  f.one(delete_op{"/app"});
  CHECK(f.data_of(stats) == "count=0,bytes=0");
  f.one(delete_op{stats});
  f.one(delete_op{"/zookeeper/quota/app/zookeeper_limits"});
  CHECK(f.tree_.committed().quotas().empty());
}

TEST_CASE("tree: hard limits refuse, soft ones do not", "[tree][quota]") {
  troupe::tree::tree_options options;
  options.enforce_quota = true;
  fixture f{options};
  f.one(create("/app"));
  add_quota(f, "/app", "count=1,bytes=1=;byteHardLimit=5;countHardLimit=3");
  CHECK(f.error(create("/app/a", "12345")) == code::ok);
  CHECK(f.error(create("/app/b", "1")) == code::quota_exceeded);
  CHECK(f.error(create("/app/a", "1")) == code::node_exists);
  CHECK(f.error(create("/app/b")) == code::ok);
  CHECK(f.error(create("/app/c")) == code::quota_exceeded);
  CHECK(f.error(set("/app/a", "123456", 99)) == code::quota_exceeded);
  CHECK(f.error(set("/app/a", "54321")) == code::ok);
  // Usage is that of the applied state, also within a multi.
  CHECK(f.errors({delete_op{"/app/b"}, create("/app/c")}) ==
        std::vector<code>{code::ok, code::quota_exceeded});
  f.one(delete_op{"/zookeeper/quota/app/zookeeper_stats"});
  CHECK(f.error(create("/app/c")) == code::quota_exceeded);
  f.one(delete_op{"/zookeeper/quota/app/zookeeper_limits"});
  CHECK(f.error(create("/app/c")) == code::ok);
  fixture lenient;
  lenient.one(create("/app"));
  add_quota(lenient, "/app", "countHardLimit=1");
  CHECK(lenient.error(create("/app/a")) == code::ok);
}

TEST_CASE("tree: a container goes after its last child", "[tree][reap]") {
  fixture f;
  f.one(create("/c", "", node_kind::container));
  f.one(create("/never", "", node_kind::container));
  CHECK(f.tree_.reap(f.now_, 10).empty());
  f.one(create("/c/x"));
  CHECK(f.tree_.reap(f.now_, 10).empty());
  f.one(delete_op{"/c/x"});
  CHECK(f.tree_.reap(f.now_, 0).empty());
  // A child in flight keeps it.
  const auto child = f.prepare(create("/c/y"));
  CHECK(f.tree_.reap(f.now_, 10).empty());
  const auto gone = f.prepare(delete_op{"/c/y"});
  const auto reaped = f.tree_.reap(f.now_, 10);
  REQUIRE(reaped.size() == 1);
  CHECK(reaped[0].kind == txn_kind::reap);
  CHECK(f.tree_.reap(f.now_, 10).empty());
  f.read(exists_op{"/c", true});
  f.deliver(child);
  f.deliver(gone);
  f.tree_.take_effects();
  f.deliver(reaped[0]);
  f.effects_ = f.tree_.take_effects();
  CHECK(f.events() == std::vector<std::string>{"deleted /c 1"});
  CHECK(f.effects_.size() == 1);
  CHECK(f.exists("/never"));
}

TEST_CASE("tree: aged nodes go, counted from their last change of data", "[tree][reap]") {
  troupe::tree::tree_options options;
  options.extended_types = true;
  options.container_never_used = milliseconds{50};
  fixture f{options};
  f.one(with_ttl("/t", 100));
  f.one(create("/c", "", node_kind::container));
  const auto after = [&](std::int64_t ms) { return wall_time{f.now_.ms + ms}; };
  CHECK(f.tree_.reap(after(50), 10).empty());
  f.one(create("/t/x"));
  const auto unused = f.tree_.reap(after(51), 10);
  REQUIRE(unused.size() == 1);
  CHECK(std::get<change::delete_node>(unused[0].changes.at(0)).path == "/c");
  f.deliver(unused[0]);
  f.one(set("/t", "touch"));
  f.one(delete_op{"/t/x"});
  CHECK(f.tree_.reap(after(99), 10).empty());
  const auto reaped = f.tree_.reap(after(100), 10);
  REQUIRE(reaped.size() == 1);
  CHECK(std::get<change::delete_node>(reaped[0].changes.at(0)).path == "/t");
}
