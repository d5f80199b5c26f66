/// The whole component in a whole server, in virtual time: whenever the power goes, every item ends
/// with exactly one outcome.

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <stdexcept>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_deployment.hpp>
#include <troupe/testing/simulation.hpp>

#include "component.hpp"

using namespace std::chrono_literals;
namespace coordinator = troupe::role::coordinator;
namespace component = troupe::role::component;

namespace {

/// What the test's own client asked and was told. A write that a crash left open is done again.
struct client_notes {
  coordinator::actor gateway;
  std::uint64_t client = 0;
  troupe::session_id session;
  std::map<std::uint64_t, troupe::error_code> written;  ///< by token
  std::map<std::uint64_t, troupe::read_result> read;    ///< by token

  void put(std::uint64_t token, const std::string& path, const std::string& data) const {
    troupe::create_op op;
    op.path = path;
    op.data = troupe::blob{data};
    op.acl = {{troupe::permission_all, {"world", "anyone"}}};
    gateway.send(coordinator::write{client, token, session, {}, std::move(op)});
  }
  void ask(std::uint64_t token, troupe::read_op op) {
    read.erase(token);
    gateway.send(coordinator::read{client, token, session, {}, std::move(op)});
  }
};

/// The client's actor: a component of the deployment, so that it ends with its server.
class test_client final : public troupe::sdk::pinned_actor {
public:
  test_client(caf::actor_config& config, troupe::sdk::reactor_unit& home,
              troupe::sdk::component_context& context, client_notes& notes)
      : pinned_actor(config, home, context.number, context.supervisor), notes_(notes),
        gateway_(context.wire<coordinator::actor>("coordinator")) {}

  caf::behavior make_behavior() override {
    return handlers<component::actor, coordinator::client>(
        [this](const coordinator::attached& m) {
          notes_.client = m.client;
          gateway_.send(coordinator::open{m.client, 0, 10s});
        },
        [this](const coordinator::opened& m) {
          if (m.error != troupe::error_code::ok) return fail("no session");
          notes_.session = m.session;
          notes_.gateway = gateway_;
          report_ready();
        },
        [this](const coordinator::wrote& m) { notes_.written[m.token] = m.results.front().error; },
        [this](const coordinator::read_done& m) { notes_.read[m.token] = m.result; },
        [](const coordinator::event&) { /* nothing is watched */ },
        [](const coordinator::session_ended&) { /* only at the end */ },
        [this](const component::start&) {
          gateway_.send(coordinator::attach{self<coordinator::client>()});
        },
        [this](const component::stop&) { finish(); },
        [](const component::report_status&) { /* nobody asks */ });
  }
  void on_exit() override { notes_.gateway.reset(); }

private:
  client_notes& notes_;
  const coordinator::actor gateway_;
};

troupe::sdk::component_type client_type(client_notes& notes) {
  return {.name = "test.client",
          .summary = "Puts items and looks at results.",
          .gives = {"test", 1},
          .needs = {{"coordinator", {coordinator::name, coordinator::version}}},
          .on_failure = troupe::sdk::failure_policy::restart,
          .factory = [&notes](troupe::sdk::component_context& context) {
            return troupe::sdk::component_instance{
                troupe::sdk::spawn_pinned<test_client>(context.unit, context, notes)};
          }};
}

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
  client:    { type: test.client, wires: { coordinator: local } }
)";

struct world {
  explicit world(std::uint64_t seed)
      : deployment(deployment_text,
                   [this](troupe::sdk::catalog& types) {
                     queue_handler::register_types(types);
                     types.add(client_type(notes));
                   }),
        simulation(seed), server(simulation.add_server("server")) {
    troupe::sdk::log::set_level(troupe::sdk::log::level::none);
    start();
  }

  void start() {
    server.start(deployment.plan());
    REQUIRE(simulation.run_until([this] { return server.ready(); }, 60s));
  }

  std::vector<std::string> children(const std::string& path) {
    notes.ask(1'000'000, troupe::get_children_op{path});
    REQUIRE(simulation.run_until([this] { return notes.read.contains(1'000'000); }, 60s));
    return notes.read[1'000'000].names.to_vector();
  }

  troupe::read_result data(const std::string& path) {
    notes.ask(1'000'001, troupe::get_data_op{path});
    REQUIRE(simulation.run_until([this] { return notes.read.contains(1'000'001); }, 60s));
    return notes.read[1'000'001];
  }

  /// Runs until the queue is empty.
  void drain() {
    for (int rounds = 0; rounds < 1000 && !children("/orders/items").empty(); ++rounds)
      simulation.run_for(10ms);
    REQUIRE(children("/orders/items").empty());
  }

  client_notes notes;
  troupe::testing::sim_deployment deployment;
  troupe::testing::simulation simulation;
  troupe::testing::sim_server& server;
};

TEST_CASE("items that come in are handled", "[simulation]") {
  world w{7};
  w.notes.put(1, "/orders/items/a", "1 2");
  w.notes.put(2, "/orders/items/b", "three");
  REQUIRE(w.simulation.run_until([&] { return w.notes.written.size() == 2; }, 60s));
  w.drain();
  CHECK(w.data("/orders/results/a").data.view() == "3");
  CHECK(w.data("/orders/failed/b").data.view() == "three");
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
    const auto path_of = [](std::uint64_t i) { return "/orders/items/" + std::to_string(100 + i); };
    for (std::uint64_t i = 0; i < items; ++i)
      w.notes.put(i, path_of(i), std::to_string(i) + " 1");
    for (int crashes = 0; crashes < 3; ++crashes) {
      w.simulation.run_for(std::chrono::microseconds{w.simulation.random().below(3000)});
      w.server.crash();
      w.start();
    }
    w.drain();
    // What had not been acknowledged may be lost, and only that: it is put again, unless it was
    // there all the same and is handled already.
    for (std::uint64_t i = 0; i < items; ++i) {
      if (w.notes.written.contains(i)) continue;
      const auto result = w.data("/orders/results/" + std::to_string(100 + i));
      if (result.error == troupe::error_code::no_node)
        w.notes.put(i, path_of(i), std::to_string(i) + " 1");
    }
    w.drain();
    CHECK(w.children("/orders/results").size() == items);
    CHECK(w.children("/orders/failed").empty());
    std::set<std::uint32_t> epochs;
    for (std::uint64_t i = 0; i < items; ++i) {
      const auto result = w.data("/orders/results/" + std::to_string(100 + i));
      CHECK(result.data.view() == std::to_string(i + 1));
      CHECK(result.stat.version == 0);  // a second handling would have replaced it
      epochs.insert(result.stat.czxid.epoch());
    }
    if (epochs.size() > 1) ++interrupted;
  }
  CHECK(interrupted >= 3);
}

}  // namespace
