/// What the base of recipes promises its authors, with recipes that misbehave.
#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/sdk/log.hpp>
#include <troupe/sdk/recipe.hpp>
#include <troupe/testing/sim_ensemble.hpp>

using namespace troupe;
using namespace troupe::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t interface_id = 0x1234567890abcdef;

/// What tests and actors tell each other. Outlives the servers.
struct notes {
  struct called_host {
    role::recipe::actor recipe;
    role::recipe::caller self;
  };
  std::map<std::uint32_t, called_host> hosts;  ///< by server
  std::map<std::uint64_t, role::recipe::answered> answers;
  std::vector<std::string> heard;  ///< by the recipe that leads, in order
  std::map<std::uint32_t, int> mounted;
  std::uint64_t next = 1;
  bool on_change_throws = false;

  std::uint64_t call(std::uint32_t server, std::uint16_t method) {
    const auto& host = hosts.at(server);
    role::recipe::call one;
    one.from = host.self;
    one.number = next++;
    one.interface_id = interface_id;
    one.method = method;
    one.session = {1};
    host.recipe.send(one);
    return one.number;
  }
};

enum method : std::uint16_t {
  grow,
  throws,
  throws_in_decision,
  refuses,
  waits,
  wrong,
  throws_afterwards
};

class odd_recipe final : public sdk::recipe_actor {
public:
  odd_recipe(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
             notes& all)
      : recipe_actor(config, home, context), all_(all) {
    serve(interface_id, grow, "grow", [this](const auto& call) { decide(call, [](auto&) {}); });
    serve(interface_id, throws, "throws", [](const auto&) { throw std::runtime_error("oh"); });
    serve(interface_id, throws_in_decision, "throws_in_decision", [this](const auto& call) {
      decide(call, [](auto&) { throw std::runtime_error("oh"); });
    });
    serve(interface_id, refuses, "refuses", [this](const auto& call) {
      decide(call, [](auto&) { throw decision_refused(error_code::not_empty, "not now"); });
    });
    serve(interface_id, waits, "waits", [](const auto&) { /* for ever */ });
    serve(interface_id, wrong, "wrong", [](const auto&) { throw sdk::bad_call("not so"); });
    serve(interface_id, throws_afterwards, "throws_afterwards", [this](const auto&) {
      transact(
          "nothing", [](decision_tree&) { return 0; },
          [](const auto&) { throw std::runtime_error("oh"); });
    });
  }

protected:
  void on_change(const sdk::recipe_change& change) override {
    if (all_.on_change_throws) throw std::runtime_error("oh");
    all_.heard.push_back("changed " + change.path);
  }
  void on_leader(bool leading) override {
    all_.heard.push_back(leading ? "leads" : "leads no more");
  }
  void on_cancel(std::uint64_t call) override { refuse(call, error_code::ok, {}); }

private:
  /// Makes a node, and then whatever `more` does.
  template <class F>
  void decide(const sdk::recipe_call& call, F more) {
    const auto number = call.number;
    transact(
        "grow",
        [more, mount = mount()](decision_tree& tree) {
          create_op op;
          op.acl = {{permission_all, {"world", "anyone"}}};
          op.path = mount;
          if (!tree.node(mount)) tree.create(op, {});
          op.path += "/n";
          op.sequential = true;
          auto path = tree.create(op, {}).path;
          more(tree);
          return path;
        },
        [this, number](const sdk::decided<std::string>& outcome) {
          if (outcome.value == nullptr) return refuse(number, outcome.error, outcome.why);
          all_.heard.push_back("made " + *outcome.value);
          answer(number, blob{*outcome.value});
        });
  }

  notes& all_;
};

class host_actor final : public sdk::pinned_actor {
public:
  host_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
             notes& all)
      : pinned_actor(config, home, context.number, context.supervisor), all_(all),
        server_(context.deployment.server.value) {}
  caf::behavior make_behavior() override {
    return handlers<role::component::actor, role::recipe::host, role::recipe::caller>(
        [this](const role::recipe::mounted& m) {
          all_.hosts[server_] = {m.recipe, self<role::recipe::caller>()};
          ++all_.mounted[server_];
        },
        [this](const role::recipe::answered& m) { all_.answers[m.call] = m; },
        [this](const role::component::start&) { report_ready(); },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) { /* nobody asks */ });
  }
  void on_exit() override { all_.hosts.erase(server_); }

private:
  notes& all_;
  const std::uint32_t server_;
};

struct world {
  explicit world(std::uint32_t members)
      : ensemble(7, {.members = members,
                     .components = "  host: { type: test.host }\n"
                                   "  odd: { type: recipe.odd, mount: /odd, max_calls: 3 }\n",
                     .add = [this](sdk::catalog& types) { add_types(types); }}) {
    sdk::log::set_level(sdk::log::level::none);
    REQUIRE(ensemble.start());
  }
  ~world() { sdk::log::set_level(sdk::log::level::info); }

  void add_types(sdk::catalog& types) {
    types.add({.name = "test.host",
               .summary = "Calls.",
               .gives = {role::recipe::host_name, role::recipe::host_version},
               .on_failure = sdk::failure_policy::restart,
               .factory = [this](sdk::component_context& context) {
                 return sdk::component_instance{
                     sdk::spawn_pinned<host_actor>(context.unit, context, all)};
               }});
    types.add({.name = "recipe.odd",
               .summary = "Misbehaves.",
               .gives = {role::recipe::name, role::recipe::version},
               .needs = sdk::recipe_needs(),
               .options = sdk::recipe_options(),
               .on_failure = sdk::failure_policy::dispensable,
               .factory =
                   [this](sdk::component_context& context) {
                     return sdk::component_instance{
                         sdk::spawn_pinned<odd_recipe>(context.unit, context, all)};
                   },
               .check = sdk::check_recipe_options});
  }

  role::recipe::answered ask(std::uint16_t number, std::uint32_t server = 1) {
    const auto call = all.call(server, number);
    REQUIRE(ensemble.run_until([&] { return all.answers.contains(call); }));
    return all.answers[call];
  }

  notes all;
  sim_ensemble ensemble;
};

}  // namespace

TEST_CASE("recipe: changes and outcomes come in one order", "[recipe]") {
  world w{1};
  CHECK(w.ask(grow).results.view() == "/odd/n0000000000");
  CHECK(w.ask(grow).results.view() == "/odd/n0000000001");
  CHECK(w.all.heard == std::vector<std::string>{"leads", "changed /odd", "changed /odd/n0000000000",
                                                "made /odd/n0000000000", "changed /odd/n0000000001",
                                                "made /odd/n0000000001"});
}

TEST_CASE("recipe: what a call throws ends that call only", "[recipe]") {
  world w{1};
  const auto thrown = w.ask(throws);
  CHECK(thrown.error == error_code::system_error);
  CHECK(thrown.why == "throws failed: oh");
  CHECK(w.ask(throws_in_decision).error == error_code::decision_failed);
  const auto refused = w.ask(refuses);
  CHECK(refused.error == error_code::not_empty);
  CHECK(refused.why == "not now");
  const auto bad = w.ask(wrong);
  CHECK(bad.error == error_code::bad_arguments);
  CHECK(bad.why == "wrong: not so");
  CHECK(w.ask(99).error == error_code::unimplemented);
  // Nothing of it was done, and the recipe goes on.
  CHECK(w.ask(grow).results.view() == "/odd/n0000000000");
  CHECK(w.all.mounted[1] == 1);
}

TEST_CASE("recipe: one that fails elsewhere is made anew, and the server goes on", "[recipe]") {
  world w{1};
  REQUIRE(w.ask(grow).error == error_code::ok);
  SECTION("in on_change") {
    w.all.on_change_throws = true;
    REQUIRE(w.ensemble.client(1).create("/odd/x") == error_code::ok);
    w.ensemble.run_for(10ms);
    w.all.on_change_throws = false;
  }
  SECTION("in what follows a decision") { w.all.call(1, throws_afterwards); }
  CHECK(w.ensemble.run_until([&] { return w.all.mounted[1] > 1; }));
  CHECK(w.ensemble.server(1).running());
  CHECK(w.ask(grow).error == error_code::ok);
}

TEST_CASE("recipe: calls are bounded, cancelled and forgotten", "[recipe]") {
  world w{1};
  const auto first = w.all.call(1, waits);
  const auto second = w.all.call(1, waits);
  const auto third = w.all.call(1, waits);
  CHECK(w.ask(grow).error == error_code::throttled);
  const auto& host = w.all.hosts.at(1);
  host.recipe.send(role::recipe::cancel{host.self, first});
  host.recipe.send(role::recipe::forget{host.self, second});
  CHECK(w.ask(grow).error == error_code::ok);
  CHECK(w.all.answers.contains(first));
  CHECK_FALSE(w.all.answers.contains(second));
  CHECK_FALSE(w.all.answers.contains(third));
}

TEST_CASE("recipe: who leads no more answers its calls, the next one serves", "[recipe]") {
  world w{3};
  const auto leader = *w.ensemble.leader();
  for (std::uint32_t server = 1; server <= 3; ++server)
    if (server != leader) CHECK(w.ask(grow, server).error == error_code::not_leader);
  REQUIRE(w.ask(grow, leader).error == error_code::ok);
  const auto waiting = w.all.call(leader, waits);
  w.ensemble.run_for(10ms);
  w.ensemble.isolate(leader);
  REQUIRE(w.ensemble.run_until([&] { return w.all.answers.contains(waiting); }));
  CHECK(w.all.answers[waiting].error == error_code::not_leader);
  REQUIRE(
      w.ensemble.run_until([&] { return w.ensemble.leader() && *w.ensemble.leader() != leader; }));
  const auto next = *w.ensemble.leader();
  CHECK(w.ask(grow, next).results.view() == "/odd/n0000000001");
  REQUIRE(w.ensemble.heal());
}
