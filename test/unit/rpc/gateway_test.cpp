// The native protocol against a whole server in the simulator.
#include <algorithm>
#include <set>

#include "test/unit/rpc/rpc_world.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_CASE("native gateway: it says who it is, and what its limits are") {
  rpc_world world{1};
  const auto on = world.connect();
  struct facts {
    std::uint32_t server = 0;
    api::ServerMode mode{};
    std::uint32_t operations = 0;
    bool writable = false;
  };
  const auto said = world.wait(on->coordination.helloRequest().send().then([](auto&& response) {
    const auto server = response.getServer();
    CHECK(server.getNewestVersion() == 1);
    CHECK(std::string{server.getProduct().cStr()}.starts_with("Troupe "));
    return facts{server.getServer(), server.getMode(), server.getLimits().getOperations(),
                 server.getWritable()};
  }));
  CHECK(said.server == 1);
  CHECK(said.mode == api::ServerMode::STANDALONE);
  CHECK(said.operations == 4096);
  CHECK(said.writable);
}

TEST_CASE("native gateway: writes and reads of one batch see each other, on many seeds") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    rpc_world world{seed};
    const auto on = world.connect();
    auto session = world.open(*on);
    REQUIRE_FALSE(session.refused);
    CHECK(session.timeout_ms == 10'000);
    const auto done = world.submit(session, 6, [](operations all) {
      create(all[0], "/a", "one");
      get(all[1], "/a");
      set(all[2], "/a", "two", 0);
      get(all[3], "/a");
      set(all[4], "/a", "three", 0);
      get(all[5], "/b");
    });
    CHECK(std::string{done[0].getCreated().getPath().cStr()} == "/a");
    CHECK(done[0].getCreated().getStat().getCzxid() == done[0].getZxid());
    CHECK(text(done[1].getNode().getData()) == "one");
    CHECK(done[1].getZxid() == done[0].getZxid());
    CHECK(done[2].getStat().getVersion() == 1);
    CHECK(text(done[3].getNode().getData()) == "two");
    CHECK(done.error(4) == api::ErrorCode::BAD_VERSION);
    CHECK(std::string{done[4].getError().getPath().cStr()} == "/a");
    CHECK(done.error(5) == api::ErrorCode::NO_NODE);
    CHECK(done.all().getZxid() == done[3].getZxid());
    world.server.stop();
    CHECK(world.sim.run_until([&] { return !world.server.running(); }, 20s));
    CHECK(world.server.failure() == "");
  }
}

TEST_CASE("native gateway: every kind of operation") {
  rpc_world world{2};
  const auto on = world.connect();
  auto session = world.open(*on, 10'000, "ada:secret");
  const auto made = world.submit(session, 5, [](operations all) {
    create(all[0], "/top", "x");
    create(all[1], "/top/kid");
    auto sequential = all[2].initCreate();
    sequential.setPath("/top/n-");
    sequential.setSequential(true);
    auto mine = all[3].initCreate();
    mine.setPath("/top/mine");
    mine.setKind(api::NodeKind::EPHEMERAL);
    auto acl = all[4].initSetAcl();
    acl.setPath("/top/kid");
    auto entry = acl.initAcl(1)[0];
    entry.setPermissions(31);
    entry.initWho().setScheme(capnp::Data::Reader{reinterpret_cast<const kj::byte*>("auth"), 4});
  });
  CHECK(made[1].getCreated().getStat().getDataLength() == 0);
  CHECK(std::string{made[2].getCreated().getPath().cStr()} == "/top/n-0000000001");
  CHECK(made[3].getCreated().getStat().getEphemeralOwner() == session.id);
  CHECK(made[4].getStat().getAversion() == 1);

  const auto read = world.submit(session, 8, [](operations all) {
    all[0].initExists().setPath("/top");
    all[1].setGetAcl("/top/kid");
    all[2].initChildren().setPath("/top");
    all[3].setCountDescendants("/top");
    all[4].setEphemerals("/");
    auto together = all[5].initReadTogether(2);
    get(together[0], "/top");
    together[1].initChildren().setPath("/none");
    all[6].setSync();
    all[7].initRemove().setPath("/top");
  });
  CHECK(read[0].getStat().getNumChildren() == 3);
  CHECK(text(read[1].getAcl().getEntries()[0].getWho().getScheme()) == "digest");
  CHECK(text(read[1].getAcl().getEntries()[0].getWho().getId()).starts_with("ada:"));
  CHECK(read[2].getChildren().getNames().size() == 3);
  CHECK(read[3].getNumber() == 3);
  CHECK(std::string{read[4].getPaths()[0].cStr()} == "/top/mine");
  CHECK(text(read[5].getSeveral()[0].getNode().getData()) == "x");
  CHECK(read[5].getSeveral()[1].getError().getCode() == api::ErrorCode::NO_NODE);
  CHECK(read[6].isDone());
  CHECK(read.error(7) == api::ErrorCode::NOT_EMPTY);
}

TEST_CASE("native gateway: a multi is all or nothing, and says which operation failed") {
  rpc_world world{3};
  const auto on = world.connect();
  auto session = world.open(*on);
  const auto done = world.submit(session, 3, [](operations all) {
    auto good = all[0].initMulti(3);
    create(good[0], "/m", "1");
    set(good[1], "/m", "2");
    auto check = good[2].initCheck();
    check.setPath("/m");
    check.setVersion(1);
    auto bad = all[1].initMulti(3);
    create(bad[0], "/n");
    create(bad[1], "/m");
    create(bad[2], "/o");
    all[2].initExists().setPath("/n");
  });
  REQUIRE(done[0].getSeveral().size() == 3);
  CHECK(done[0].getSeveral()[1].getStat().getVersion() == 1);
  CHECK(done[0].getSeveral()[2].isDone());
  const auto failed = done[1].getSeveral();
  CHECK(failed[0].getError().getCode() == api::ErrorCode::ROLLED_BACK);
  CHECK(failed[1].getError().getCode() == api::ErrorCode::NODE_EXISTS);
  CHECK(std::string{failed[1].getError().getPath().cStr()} == "/m");
  CHECK(failed[2].getError().getCode() == api::ErrorCode::NOT_TRIED);
  CHECK(done.error(2) == api::ErrorCode::NO_NODE);
}

TEST_CASE("native gateway: events come before what they announce") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    rpc_world world{seed};
    const auto on = world.connect();
    auto watching = world.open(*on);
    auto writing = world.open(*on);
    world.submit(watching, 3, [](operations all) {
      create(all[0], "/w", "0");
      get(all[1], "/w", true);
      auto below = all[2].initAddWatch();
      below.setPath("/w");
      below.setRecursive(true);
    });
    world.submit(writing, 2, [](operations all) {
      set(all[0], "/w", "1");
      create(all[1], "/w/kid");
    });
    const auto seen = world.submit(watching, 1, [](operations all) { get(all[0], "/w"); });
    CHECK(text(seen[0].getNode().getData()) == "1");
    CHECK(seen.all().getEvents() == 2);
    world.sim.run_for(1s);
    CHECK(watching.seen->events == std::vector<std::string>{"changed /w", "created /w/kid"});
    CHECK(writing.seen->events.empty());
    const auto gone = world.submit(watching, 2, [](operations all) {
      auto remove = all[0].initRemoveWatches();
      remove.setPath("/w");
      remove.setKind(api::WatchKind::RECURSIVE);
      auto none = all[1].initCheckWatches();
      none.setPath("/w");
    });
    CHECK(gone[0].isDone());
    CHECK(gone.error(1) == api::ErrorCode::NO_WATCHER);
  }
}

TEST_CASE("native gateway: pages of children are in order, with stats and data if asked for") {
  rpc_world world{4};
  const auto on = world.connect();
  auto session = world.open(*on);
  world.submit(session, 1, [](operations all) { create(all[0], "/list"); });
  world.submit(session, 250, [](operations all) {
    for (unsigned i = 0; i < 250; ++i)
      create(all[i], "/list/" + std::string{i % 2 ? "b" : "a"} + std::to_string(1000 + i), "v");
  });
  std::vector<std::string> names;
  for (bool more = true; more;) {
    const auto page = world.submit(session, 1, [&](operations all) {
      auto list = all[0].initList();
      list.setPath("/list");
      list.setPrefix("a");
      if (!names.empty()) list.setAfter(names.back().c_str());
      list.setLimit(50);
      list.setStats(true);
      list.setData(names.size() >= 50);
    });
    const auto shown = page[0].getPage();
    CHECK(shown.getStat().getNumChildren() == 250);
    for (const auto entry : shown.getEntries()) {
      CHECK(entry.getStat().getDataLength() == 1);
      CHECK(entry.hasData() == (names.size() >= 50));
      CHECK(!entry.getDenied());
    }
    for (const auto entry : shown.getEntries())
      names.emplace_back(entry.getName().cStr());
    more = shown.getMore();
  }
  CHECK(names.size() == 125);
  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == 125);
}

TEST_CASE("native gateway: reads are as new as they are asked to be") {
  rpc_world world{5};
  const auto on = world.connect();
  auto session = world.open(*on);
  const auto done = world.submit(session, 1, [](operations all) { create(all[0], "/f", "1"); });
  const auto reached = done.all().getZxid();
  const auto read = world.submit(session, 5, [&](operations all) {
    for (unsigned i = 0; i < 5; ++i)
      get(all[i], "/f");
    all[0].initFreshness().setLinearizable();
    all[1].initFreshness().setAtLeast(reached);
    all[2].initFreshness().setAtLeast(reached + 1000);
    all[3].initFreshness().setMaxLagMs(500);
    all[4].initFreshness().setLocal();
  });
  for (const auto i : {0U, 1U, 3U, 4U}) {
    CAPTURE(i);
    CHECK(text(read[i].getNode().getData()) == "1");
  }
  CHECK(read.error(2) == api::ErrorCode::BEHIND);
  CHECK(read[2].getError().getLimit() == reached);
}
