// What the native gateway refuses, and what it ends connections for. Nobody else is harmed.
#include <array>

#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>

#include "test/unit/rpc/rpc_world.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Bytes instead of a client.
struct raw_connection {
  kj::Own<kj::AsyncIoStream> stream;
  std::string received;
  bool ended = false;
  std::array<char, 4096> buffer{};
  kj::Promise<void> task = nullptr;

  kj::Promise<void> read() {
    return stream->tryRead(buffer.data(), 1, buffer.size()).then([this](std::size_t got) {
      received.append(buffer.data(), got);
      ended = got == 0;
      return ended ? kj::Promise<void>{kj::READY_NOW} : read();
    });
  }
};

std::unique_ptr<raw_connection> send_raw(rpc_world& world, const std::string& bytes) {
  auto made = std::make_unique<raw_connection>();
  auto& one = *made;
  one.stream = world.wait(world.sim.network().connect("client", "host", 2190));
  one.task = one.stream->write(bytes.data(), bytes.size())
                 .then([&one] { return one.read(); })
                 .eagerlyEvaluate([&one](kj::Exception&&) { one.ended = true; });
  return made;
}

/// Whether the server still serves others.
bool serves(rpc_world& world) {
  const auto on = world.connect();
  auto session = world.open(*on);
  if (session.refused) return false;
  return !world.submit(session, 1, [](operations all) { get(all[0], "/"); })[0].isError();
}

}  // namespace

TEST_CASE("native limits: what is too much is refused with the limit and the size") {
  rpc_world world{1, ", max_batch_operations: 10, max_data_bytes: 2KiB, max_reply_bytes: 64KiB"};
  const auto on = world.connect();
  auto session = world.open(*on);
  const auto many = world.submit(session, 11, [](operations all) { get(all[0], "/"); });
  REQUIRE(many.all().isRefused());
  CHECK(many.all().getRefused().getCode() == api::ErrorCode::TOO_MANY);
  CHECK(many.all().getRefused().getLimit() == 10);
  CHECK(many.all().getRefused().getSize() == 11);

  const auto large = world.submit(session, 3, [](operations all) {
    create(all[0], "/large", std::string(2049, 'x'));
    create(all[1], "/fits", std::string(2048, 'x'));
    all[2].initMulti(11);
  });
  CHECK(large.error(0) == api::ErrorCode::TOO_LARGE);
  CHECK(large[0].getError().getLimit() == 2048);
  CHECK(large[0].getError().getSize() == 2049);
  CHECK(std::string{large[0].getError().getPath().cStr()} == "/large");
  CHECK(large[1].isCreated());
  CHECK(large.error(2) == api::ErrorCode::TOO_MANY);

  const auto together = world.submit(session, 10, [](operations all) {
    for (auto one : all) {
      auto four = one.initReadTogether(4);
      for (auto each : four)
        get(each, "/fits");
    }
  });
  CHECK(together[0].isSeveral());
  CHECK(together.error(9) == api::ErrorCode::TOO_LARGE);
  CHECK(together[9].getError().getLimit() == 64 * 1024);
}

TEST_CASE("native limits: operations that make no sense are told so, each by itself") {
  rpc_world world{2};
  const auto on = world.connect();
  auto request = on->coordination.openSessionRequest();
  request.initWish().setTimeoutMs(10'000);
  native_session blind;
  blind.session = world.wait(request.send().then(
      [](auto&& response) { return response.getOpening().getGranted().getSession(); }));
  const auto done = world.submit(blind, 8, [](operations all) {
    get(all[0], "/", true);
    all[1].initCheck().setPath("/");
    all[2].initMulti(1)[0].setSync();
    all[3].initReadTogether(1)[0].setSync();
    auto unknown = all[4].initCreate();
    unknown.setPath("/x");
    unknown.setKind(static_cast<api::NodeKind>(77));
    create(all[5], "nothing");
    create(all[6], "/\x01");
    get(all[7], "/");
  });
  for (unsigned i = 0; i < 7; ++i) {
    CAPTURE(i);
    REQUIRE(done[i].isError());
    CHECK(done.error(i) == api::ErrorCode::BAD_ARGUMENTS);
  }
  CHECK(done[7].isNode());
}

TEST_CASE("native limits: only what can exist is watched") {
  rpc_world world{3};
  const auto on = world.connect();
  auto session = world.open(*on);
  const auto done = world.submit(session, 2, [](operations all) {
    all[0].initAddWatch().setPath("//");
    all[1].initRestoreWatches().initData(1).set(0, "x");
  });
  CHECK(done.error(0) == api::ErrorCode::BAD_ARGUMENTS);
  CHECK(done.error(1) == api::ErrorCode::BAD_ARGUMENTS);
}

TEST_CASE("native limits: sessions of one connection, and credentials") {
  rpc_world world{4, ", max_sessions_per_connection: 2"};
  const auto on = world.connect();
  auto first = world.open(*on);
  auto second = world.open(*on);
  CHECK(world.open(*on).refused == api::ErrorCode::TOO_MANY);
  second.session = nullptr;
  world.sim.run_for(1s);
  CHECK_FALSE(world.open(*on).refused);
}

TEST_CASE("native limits: a connection that sends something else is ended with a reason") {
  rpc_world world{5};
  const std::string large{"\0\0\0\0\xff\xff\xff\x0f", 8};
  const std::string segments{"\xff\xff\x00\x00\0\0\0\0", 8};
  const std::pair<std::string, const char*> cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "no Cap'n Proto message"},
      {large, "max_message_bytes is 4194304"},
      {segments, "no Cap'n Proto message: 65536 segments"},
      {std::string(4096, '\xff'), "no Cap'n Proto message"},
      {std::string(4096, '\0'), ""}};
  for (const auto& [bytes, reason] : cases) {
    CAPTURE(reason);
    const auto one = send_raw(world, bytes);
    CHECK(world.sim.run_until([&] { return one->ended; }, 60s));
    CHECK(one->received.find(reason) != std::string::npos);
    CHECK(serves(world));
  }
}

TEST_CASE("native limits: calls that are never finished end the connection") {
  rpc_world world{6, ", max_open_calls: 16"};
  std::string flood;
  for (std::uint32_t i = 0; i < 100; ++i) {
    capnp::MallocMessageBuilder message;
    message.initRoot<capnp::rpc::Message>().initBootstrap().setQuestionId(i);
    const auto words = capnp::messageToFlatArray(message);
    const auto bytes = words.asBytes();
    flood.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  }
  const auto one = send_raw(world, flood);
  CHECK(world.sim.run_until([&] { return one->ended; }, 60s));
  CHECK(one->received.find("max_open_calls (16)") != std::string::npos);
  CHECK(serves(world));
}

TEST_CASE("native limits: who says nothing, or never asks for a session, is not kept") {
  rpc_world world{7, ", handshake_timeout: 2s"};
  const auto silent = send_raw(world, "");
  const auto half = send_raw(world, std::string{"\0\0\0\0\x05\0\0\0half", 12});
  const auto asking = world.connect();
  world.wait(asking->coordination.helloRequest().send().then([](auto&&) { return true; }));
  CHECK(world.sim.run_until([&] { return silent->ended && half->ended && asking->closed; }, 60s));
  CHECK(silent->received.find("handshake_timeout (2000 ms)") != std::string::npos);
  const auto kept = world.connect();
  auto session = world.open(*kept, 20'000);
  world.sim.run_for(10s);
  CHECK_FALSE(kept->closed);
}

TEST_CASE("native limits: connections over the limit are turned away") {
  rpc_world world{8, ", max_connections: 2"};
  const auto first = world.connect();
  auto session = world.open(*first);
  const auto second = world.connect();
  auto other = world.open(*second);
  const auto third = send_raw(world, "");
  CHECK(world.sim.run_until([&] { return third->ended; }, 60s));
  CHECK(third->received.empty());
}

namespace {

/// Takes events and never says so.
class stuck_watcher final : public api::Watcher::Server {
public:
  kj::Promise<void> happened(HappenedContext) override { return kj::NEVER_DONE; }
};

}  // namespace

TEST_CASE("native limits: who does not take its events is disconnected, and nobody else") {
  rpc_world world{9, ", max_unsent_event_bytes: 4MiB"};
  const auto on = world.connect();
  auto request = on->coordination.openSessionRequest();
  auto wish = request.initWish();
  wish.setTimeoutMs(10'000);
  wish.setWatcher(kj::heap<stuck_watcher>());
  native_session stuck;
  stuck.session = world.wait(request.send().then(
      [](auto&& response) { return response.getOpening().getGranted().getSession(); }));
  const auto elsewhere = world.connect();
  auto writer = world.open(*elsewhere);
  const std::string path = "/" + std::string(200, 'w');
  world.submit(writer, 1, [&](operations all) { create(all[0], path); });
  world.submit(stuck, 1, [&](operations all) { all[0].initAddWatch().setPath(path.c_str()); });
  for (int i = 0; i < 30 && !on->closed; ++i) {
    world.submit(writer, 1000, [&](operations all) {
      for (auto one : all)
        set(one, path, "x");
    });
  }
  CHECK(world.sim.run_until([&] { return on->closed; }, 10s));
  CHECK(serves(world));
}

TEST_CASE("native limits: sessions that hold each other go together, and harm nobody") {
  rpc_world world{11};
  const auto on = world.connect();
  auto first = world.open(*on);
  {
    auto request = on->coordination.openSessionRequest();
    auto wish = request.initWish();
    wish.setTimeoutMs(10'000);
    wish.setWatcher(first.session.castAs<api::Watcher>());
    auto second = world.wait(request.send().then(
        [](auto&& response) { return response.getOpening().getGranted().getSession(); }));
    first.session = nullptr;
  }
  CHECK(serves(world));
}
