/// The whole component in a whole server, in virtual time: whenever the power goes, every item ends
/// with exactly one outcome.

#include <catch2/catch.hpp>

#include <set>
#include <string>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_client.hpp>
#include <troupe/testing/sim_deployment.hpp>
#include <troupe/testing/simulation.hpp>

#include "component.hpp"

using namespace std::chrono_literals;
using troupe::error_code;

namespace {

constexpr const char* deployment_text = R"(
troupe: 1
node: { id: 1, data_dir: d }
components:
  log:       { type: storage.wal }
  tree:      { type: tree.znode }
  broadcast: { type: broadcast.local }
  sessions:  { type: session.replicated }
  local:     { type: gateway.local }
  orders:    { type: example.queue_handler, path: /orders, handler: sum, batch: 3 }
  client:    { type: testing.client, wires: { coordinator: local } }
)";

struct world {
  explicit world(std::uint64_t seed)
      : simulation(seed), server(simulation.add_server("server")),
        client([this](const auto& done) { return simulation.run_until(done, 60s); }),
        deployment(deployment_text, [this](troupe::sdk::catalog& types) {
          queue_handler::register_types(types);
          types.add(client.type());
        }) {
    troupe::sdk::log::set_level(troupe::sdk::log::level::none);
    start();
  }
  ~world() { server.crash(); }

  void start() {
    server.start(deployment.plan());
    REQUIRE(simulation.run_until([this] { return server.ready(); }, 60s));
    REQUIRE(client.open());
  }

  /// Asks for a new item, and notes what became of it: nothing if the power went before.
  void put(const std::string& path, const std::string& data) {
    troupe::create_op op;
    op.path = path;
    op.data = troupe::blob{data};
    op.acl = {{troupe::permission_all, {"world", "anyone"}}};
    client.begin_write(std::move(op), [this, path](const auto& answer) {
      if (answer) acknowledged.insert(path);
    });
  }

  /// Runs until the queue is empty.
  void drain() {
    for (int rounds = 0; rounds < 1000 && !client.children("/orders/items").empty(); ++rounds)
      simulation.run_for(10ms);
    REQUIRE(client.children("/orders/items").empty());
  }

  troupe::testing::simulation simulation;
  troupe::testing::sim_server& server;
  troupe::testing::sim_client client;
  troupe::testing::sim_deployment deployment;
  std::set<std::string> acknowledged;
};

TEST_CASE("items that come in are handled", "[simulation]") {
  world w{7};
  w.put("/orders/items/a", "1 2");
  w.put("/orders/items/b", "three");
  REQUIRE(w.simulation.run_until([&] { return w.acknowledged.size() == 2; }, 60s));
  w.drain();
  CHECK(w.client.get("/orders/results/a") == "3");
  CHECK(w.client.get("/orders/failed/b") == "three");
  w.server.stop();
  CHECK(w.simulation.run_until([&] { return !w.server.running(); }, 60s));
  CHECK(w.server.failure().empty());
}

TEST_CASE("crashes lose no item and handle none twice", "[simulation]") {
  constexpr std::uint64_t items = 24;
  int interrupted = 0;  // seeds whose crashes fell between two transactions of the handler
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    world w{seed};
    const auto name_of = [](std::uint64_t i) { return std::to_string(100 + i); };
    for (std::uint64_t i = 0; i < items; ++i)
      w.put("/orders/items/" + name_of(i), std::to_string(i) + " 1");
    for (int crashes = 0; crashes < 3; ++crashes) {
      w.simulation.run_for(std::chrono::microseconds{w.simulation.random().below(3000)});
      w.server.crash();
      w.start();
    }
    w.drain();
    // What had not been acknowledged may be lost, and only that: it is put again, unless it was
    // there all the same and is handled already.
    for (std::uint64_t i = 0; i < items; ++i) {
      const auto path = "/orders/items/" + name_of(i);
      if (w.acknowledged.contains(path) || w.client.get("/orders/results/" + name_of(i))) continue;
      REQUIRE(w.client.create(path, std::to_string(i) + " 1") == error_code::ok);
    }
    w.drain();
    CHECK(w.client.children("/orders/results").size() == items);
    CHECK(w.client.children("/orders/failed").empty());
    std::set<std::uint32_t> epochs;
    for (std::uint64_t i = 0; i < items; ++i) {
      const auto result = w.client.read(troupe::get_data_op{"/orders/results/" + name_of(i)});
      REQUIRE(result);
      CHECK(result->data.view() == std::to_string(i + 1));
      CHECK(result->stat.version == 0);  // a second handling would have replaced it
      epochs.insert(result->stat.czxid.epoch());
    }
    if (epochs.size() > 1) ++interrupted;
  }
  CHECK(interrupted >= 3);
}

}  // namespace
