// Sessions of the native protocol: how they end, and how they go on.
#include "test/unit/rpc/rpc_world.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

void create_ephemeral(api::Operation::Builder into, const char* path) {
  auto mine = into.initCreate();
  mine.setPath(path);
  mine.setKind(api::NodeKind::EPHEMERAL);
}

bool exists(rpc_world& world, native_session& by, const char* path) {
  const auto seen = world.submit(by, 1, [&](operations all) { all[0].initExists().setPath(path); });
  return !seen[0].isError();
}

}  // namespace

TEST_CASE("native session: closing it deletes its ephemeral nodes") {
  rpc_world world{1};
  const auto on = world.connect();
  auto other = world.open(*on);
  auto session = world.open(*on);
  world.submit(session, 1, [](operations all) { create_ephemeral(all[0], "/mine"); });
  CHECK(exists(world, other, "/mine"));
  const bool refused = world.wait(session.session.closeRequest().send().then(
      [](auto&& response) { return response.hasRefused(); }));
  CHECK_FALSE(refused);
  CHECK_FALSE(exists(world, other, "/mine"));
  const auto after = world.submit(session, 1, [](operations all) { get(all[0], "/"); });
  CHECK(after.error(0) == api::ErrorCode::SESSION_EXPIRED);
  CHECK(session.seen->ended == api::SessionEnd::CLIENT);
}

TEST_CASE("native session: one that was dropped stays until its timeout, and can be resumed") {
  rpc_world world{2};
  auto on = world.connect();
  auto session = world.open(*on, 4'000);
  world.submit(session, 1, [](operations all) { create_ephemeral(all[0], "/mine"); });
  session.session = nullptr;
  on.reset();
  world.sim.run_for(2s);

  const auto again = world.connect();
  auto wrong = session;
  wrong.password[0] = static_cast<char>(wrong.password[0] ^ 1);
  CHECK(world.resume(*again, wrong).refused == api::ErrorCode::SESSION_EXPIRED);
  CHECK(world.resume(*again, session, ~std::uint64_t{0} >> 1).refused == api::ErrorCode::BEHIND);
  auto resumed = world.resume(*again, session);
  REQUIRE_FALSE(resumed.refused);
  CHECK(resumed.id == session.id);
  CHECK(exists(world, resumed, "/mine"));

  // It is silent now, but its connection stands.
  auto other = world.open(*again, 40'000);
  world.sim.run_for(8s);
  CHECK_FALSE(exists(world, other, "/mine"));
  CHECK(resumed.seen->ended == api::SessionEnd::EXPIRED);
  CHECK(world.resume(*again, session).refused == api::ErrorCode::SESSION_EXPIRED);
}

TEST_CASE("native session: keepAlive keeps it") {
  rpc_world world{3};
  const auto on = world.connect();
  auto session = world.open(*on, 4'000);
  world.submit(session, 1, [](operations all) { create_ephemeral(all[0], "/mine"); });
  for (int i = 0; i < 10; ++i) {
    world.sim.run_for(2s);
    world.wait(session.session.keepAliveRequest().send().then(
        [](auto&& response) { return response.getZxid(); }));
  }
  CHECK(exists(world, session, "/mine"));
}

TEST_CASE("native session: who resumes it takes it from where it was") {
  rpc_world world{4};
  const auto first = world.connect();
  const auto second = world.connect();
  auto session = world.open(*first);
  auto resumed = world.resume(*second, session);
  REQUIRE_FALSE(resumed.refused);
  const auto late = world.submit(session, 2, [](operations all) {
    create(all[0], "/late");
    get(all[1], "/");
  });
  CHECK(late.error(0) == api::ErrorCode::SESSION_MOVED);
  CHECK(late.error(1) == api::ErrorCode::SESSION_MOVED);
  CHECK(session.seen->ended == api::SessionEnd::MOVED);
  CHECK_FALSE(exists(world, resumed, "/late"));
}

TEST_CASE("native session: it goes on after the server was lost, and so do its watches") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    rpc_world world{seed};
    auto on = world.connect();
    auto session = world.open(*on, 20'000);
    const auto done = world.submit(session, 2, [](operations all) {
      create(all[0], "/w", "1");
      create_ephemeral(all[1], "/mine");
    });
    const auto seen = done.all().getZxid();
    world.restart();
    CHECK(world.sim.run_until([&] { return on->closed; }, 10s));
    const auto again = world.connect();
    auto resumed = world.resume(*again, session, seen);
    REQUIRE_FALSE(resumed.refused);
    CHECK(exists(world, resumed, "/mine"));
    auto other = world.open(*again);
    world.submit(other, 1, [](operations all) { set(all[0], "/w", "2"); });
    // What changed since is told at once; what did not is watched.
    const auto watched_again = world.submit(resumed, 1, [&](operations all) {
      auto restore = all[0].initRestoreWatches();
      restore.setSeen(seen);
      restore.initData(2).set(0, "/w");
      restore.getData().set(1, "/mine");
    });
    CHECK(watched_again[0].isDone());
    world.submit(resumed, 1, [](operations all) { set(all[0], "/mine", "x"); });
    world.sim.run_for(1s);
    CHECK(resumed.seen->events == std::vector<std::string>{"changed /w", "changed /mine"});
  }
}

TEST_CASE("native session: identities count from when they are added") {
  rpc_world world{5};
  const auto on = world.connect();
  auto owner = world.open(*on, 10'000, "ada:secret");
  auto other = world.open(*on);
  world.submit(owner, 1, [](operations all) {
    auto mine = all[0].initCreate();
    mine.setPath("/ours");
    auto entry = mine.initAcl(1)[0];
    entry.setPermissions(31);
    entry.initWho().setScheme(capnp::Data::Reader{reinterpret_cast<const kj::byte*>("auth"), 4});
  });
  const auto look = [&] {
    return world.submit(other, 1, [](operations all) { get(all[0], "/ours"); })[0].isError();
  };
  CHECK(look());
  const auto authenticate = [&](const char* scheme) {
    auto request = other.session.authenticateRequest();
    auto credential = request.initCredential();
    credential.setScheme(scheme);
    credential.setSecret(capnp::Data::Reader{reinterpret_cast<const kj::byte*>("ada:secret"), 10});
    return world.wait(request.send().then([](auto&& response) { return response.hasRefused(); }));
  };
  CHECK(authenticate("nonsense"));
  CHECK(look());
  CHECK_FALSE(authenticate("digest"));
  CHECK_FALSE(look());
  CHECK(world.wait(other.session.identitiesRequest().send().then(
            [](auto&& response) { return response.getAll().size(); })) == 2);
}

TEST_CASE("native session: calls of one session are done in order, however they are made") {
  rpc_world world{6};
  const auto on = world.connect();
  auto owner = world.open(*on, 10'000, "ada:secret");
  world.submit(owner, 1, [](operations all) {
    auto mine = all[0].initCreate();
    mine.setPath("/ours");
    auto entry = mine.initAcl(1)[0];
    entry.setPermissions(31);
    entry.initWho().setScheme(capnp::Data::Reader{reinterpret_cast<const kj::byte*>("auth"), 4});
  });
  auto other = world.open(*on);
  const auto look = [](operations all) { get(all[0], "/ours"); };
  // Nobody waits for anything in between.
  auto before = world.begin(other, 1, look);
  auto request = other.session.authenticateRequest();
  auto credential = request.initCredential();
  credential.setScheme("digest");
  credential.setSecret(capnp::Data::Reader{reinterpret_cast<const kj::byte*>("ada:secret"), 10});
  auto authenticated = request.send().ignoreResult().eagerlyEvaluate(nullptr);
  std::vector<kj::Promise<answers>> after;
  for (int i = 0; i < 20; ++i)
    after.push_back(world.begin(other, 1, look));
  CHECK(world.wait(kj::mv(before)).error(0) == api::ErrorCode::NO_AUTH);
  for (auto& one : after)
    CHECK(world.wait(kj::mv(one))[0].isNode());
}
