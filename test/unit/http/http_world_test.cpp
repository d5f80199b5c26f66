// A whole server with its HTTP gateway in the simulator.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr const char* deployment = R"(
troupe: 1
node: { id: 1, data_dir: ./data }
components:
  log:       { type: storage.wal }
  tree:      { type: tree.znode }
  broadcast: { type: broadcast.local }
  sessions:  { type: session.replicated }
  clients:   { type: gateway.zookeeper, listen: "host:2181" }
  http:      { type: gateway.http, listen: "host:2180", max_connections: 4 }
)";

/// What came back on one connection until it closed, or until nothing happened any more.
struct exchange {
  std::string received;
  bool ended = false;
  kj::Own<kj::AsyncIoStream> stream;
  kj::Promise<void> task = nullptr;
  std::array<char, 4096> buffer{};

  kj::Promise<void> read() {
    return stream->tryRead(buffer.data(), 1, buffer.size()).then([this](std::size_t got) {
      received.append(buffer.data(), got);
      ended = got == 0;
      return ended ? kj::Promise<void>{kj::READY_NOW} : read();
    });
  }
};

struct http_world {
  explicit http_world(std::uint64_t seed) : sim(seed), server(sim.add_server("host")) {
    sdk::log::set_level(sdk::log::level::none);
    register_builtin_types(types);
    auto loaded = compose::load_text(
        "test", deployment, {}, [](const std::string&) { return std::optional<std::string>{}; },
        types);
    REQUIRE(loaded.errors == "");
    plan = std::move(*loaded.value);
    server.start(plan);
    REQUIRE(sim.run_until([&] { return server.ready(); }, 10s));
  }
  ~http_world() { sdk::log::set_level(sdk::log::level::info); }

  std::unique_ptr<exchange> send(std::string text) {
    auto made = std::make_unique<exchange>();
    auto& one = *made;
    one.task = sim.network()
                   .connect("client", "host", 2180)
                   .then([&one, text = std::move(text)](kj::Own<kj::AsyncIoStream>&& stream) {
                     one.stream = kj::mv(stream);
                     return one.stream->write(text.data(), text.size());
                   })
                   .then([&one] { return one.read(); })
                   .eagerlyEvaluate([&one](kj::Exception&&) { one.ended = true; });
    return made;
  }
  /// The answer to GET `path`, on a connection of its own.
  std::string get(const std::string& path) {
    const auto one = send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    sim.run_until([&] { return complete(one->received); }, 20s);
    return one->received;
  }
  static bool complete(const std::string& answer) {
    const auto length = answer.find("Content-Length: ");
    const auto body = answer.find("\r\n\r\n");
    if (length == std::string::npos || body == std::string::npos) return false;
    return answer.size() - body - 4 >= std::stoul(answer.substr(length + 16));
  }

  sdk::catalog types;
  compose::plan plan;
  testing::simulation sim;
  testing::sim_server& server;
};

}  // namespace

TEST_CASE("http gateway: every page is answered in the simulator, on many seeds") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    http_world world{seed};
    for (const auto* path : {"/", "/health", "/health/live", "/status", "/commands",
                             "/commands/mntr", "/commands/dump", "/commands/conf"}) {
      CAPTURE(path);
      CHECK(world.get(path).starts_with("HTTP/1.1 200 OK\r\n"));
    }
    CHECK(world.get("/metrics").find("\ntroupe_tree_znodes{") != std::string::npos);
    CHECK(world.get("/nosuch").starts_with("HTTP/1.1 404 Not Found\r\n"));
    world.server.stop();
    CHECK(world.sim.run_until([&] { return !world.server.running(); }, 20s));
    CHECK(world.server.failure() == "");
  }
}

TEST_CASE("http gateway: the same seed gives the same bytes") {
  const auto all = [](std::uint64_t seed) {
    http_world world{seed};
    return world.get("/metrics") + world.get("/status");
  };
  CHECK(all(7) == all(7));
}

TEST_CASE("http gateway: slow clients lose their places to those who ask") {
  http_world world{3};
  std::vector<std::unique_ptr<exchange>> slow;
  for (int i = 0; i < 4; ++i)
    slow.push_back(world.send("GET /slow HTTP/1.1\r\nx: "));
  world.sim.run_for(100ms);
  CHECK(world.get("/health").starts_with("HTTP/1.1 200 "));
  world.sim.run_for(20s);
  for (const auto& one : slow) {
    CHECK(one->ended);
    CHECK(one->received.find(" 200 ") == std::string::npos);
  }
}

TEST_CASE("http gateway: a client that asks for the end of the connection gets it") {
  http_world world{5};
  const auto asked =
      world.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n");
  const auto head = world.send("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto other = world.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
  world.sim.run_for(1s);
  for (const auto* one : {asked.get(), other.get()})
    CHECK(one->received.ends_with("\"alive\"\n}\n"));
  CHECK(asked->received.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(asked->ended);
  CHECK(head->received.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(head->ended);
  CHECK_FALSE(other->ended);
}

TEST_CASE("http gateway: a stop does not wait for clients that keep their connections") {
  http_world world{4};
  const auto idle = world.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
  world.sim.run_for(1s);
  CHECK(idle->received.starts_with("HTTP/1.1 200 "));
  const auto before = world.sim.now();
  world.server.stop();
  CHECK(world.sim.run_until([&] { return !world.server.running(); }, 20s));
  CHECK(world.sim.now() - before < 3s);
  CHECK(world.server.failure() == "");
}

TEST_CASE("http gateway: a crash in the middle of an answer does no harm") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    http_world world{seed};
    const auto asked = world.send("GET /status HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n");
    world.sim.run_for(nanoseconds{300'000 * static_cast<std::int64_t>(seed)});
    world.server.crash();
    world.sim.run_for(1s);
    CHECK(asked->ended);
  }
}
