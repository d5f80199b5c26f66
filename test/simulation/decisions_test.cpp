// Decisions on three members while leaders come and go.
#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>
#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
namespace coordinator = role::coordinator;

constexpr auto deployment_text = R"(
troupe: 1
node: { id: 1, data_dir: data }
components:
  peers:     { type: peer.tcp, members: { 1: "host1:2888", 2: "host2:2888", 3: "host3:2888" } }
  log:       { type: storage.wal, first_segment_bytes: 8KiB, segment_bytes: 64KiB }
  tree:      { type: tree.znode, decision_watchdog: 0s }
  election:  { type: election.fast }
  broadcast: { type: broadcast.zab, init_limit: 2s, sync_limit: 500ms, ping_interval: 100ms }
  sessions:  { type: session.replicated, tick: 100ms, timeout: { min: 1s, max: 10s } }
  local:     { type: gateway.local }
  decider:   { type: test.decider }
)";

/// Takes the next number of a counter that all share, and notes under its own name which one.
class take_number final : public decision {
public:
  explicit take_number(std::uint64_t id) : path_("/taken-" + std::to_string(id)) {}

  [[nodiscard]] blob decide(decision_tree& tree) const override {
    const auto counter = tree.node("/counter");
    const auto mine = counter ? std::stoull(std::string{counter->data.view()}) + 1 : 1;
    const blob text{std::string_view{std::to_string(mine)}};
    if (counter) {
      (void)tree.set_data("/counter", text, any_version);
    } else {
      (void)tree.create({"/counter", text, open()}, {});
    }
    // Run twice for one question, it would find its own node.
    if (tree.create({path_, text, open()}, {}).error != error_code::ok)
      throw decision_refused{error_code::node_exists, "it ran twice"};
    return text;
  }
  [[nodiscard]] std::string_view name() const noexcept override { return path_; }

private:
  static acl open() { return {{permission_all, {"world", "anyone"}}}; }
  const std::string path_;
};

/// Tells who took which number.
class list_numbers final : public decision {
public:
  [[nodiscard]] blob decide(decision_tree& tree) const override {
    std::string text;
    for (const auto& name : tree.children("/"))
      if (name.starts_with("taken-"))
        text += name.substr(6) + " " + std::string{tree.node("/" + name)->data.view()} + "\n";
    return blob{std::string_view{text}};
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "list"; }
};

/// Everything that deciders asked and were told, on all servers.
struct notes {
  struct answer {
    error_code error = error_code::ok;
    bool has_reply = false;
    std::string reply;
  };
  std::uint64_t asked = 0;
  std::map<std::uint64_t, answer> answers;  ///< by what was asked
  bool over = false;                        ///< nothing is asked any more but what was taken
  std::string list;
};

/// Has decisions made as fast as they are answered, a few at a time.
class decider final : public sdk::pinned_actor {
public:
  decider(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
          notes& all)
      : sdk::pinned_actor(config, home, context.number, context.supervisor), all_(all),
        timers_(context.ports.timers), gateway_(context.wire<coordinator::actor>("coordinator")) {}

  caf::behavior make_behavior() override {
    return handlers<coordinator::client, coordinator::decider, role::component::actor>(
        [this](const coordinator::attached& m) {
          client_ = m.client;
          for (int i = 0; i < 3; ++i)
            ask();
          look();
        },
        [this](const coordinator::transacted& m) { answered(m); },
        [](const coordinator::opened&) {}, [](const coordinator::wrote&) {},
        [](const coordinator::read_done&) {}, [](const coordinator::event&) {},
        [](const coordinator::session_ended&) {},
        [this](const role::component::start&) {
          gateway_.send(coordinator::attach{self<coordinator::client>()});
          report_ready();
        },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) {});
  }
  void on_exit() override {
    gateway_.reset();
    pause_.reset();
  }

private:
  void ask() {
    if (all_.over) return;
    const auto id = ++all_.asked;
    transact(id, std::make_shared<take_number>(id));
  }
  void transact(std::uint64_t token, std::shared_ptr<const decision> what) {
    gateway_.send(
        coordinator::transact{client_, token, {}, std::move(what), self<coordinator::decider>()});
  }
  void answered(const coordinator::transacted& m) {
    if (m.token == 0) {
      if (m.error == error_code::ok) all_.list = m.reply.view();
      return;
    }
    all_.answers[m.token] = {m.error, !m.reply.is_null(), std::string{m.reply.view()}};
    if (m.error == error_code::ok)
      ask();
    else
      ++idle_;
  }
  /// Whoever does not lead is asked now and then.
  void look() {
    for (; idle_ > 0; --idle_)
      ask();
    if (all_.over) transact(0, std::make_shared<list_numbers>());
    pause_ = timers_.after(50ms, [this] { look(); });
  }

  notes& all_;
  sdk::timers& timers_;
  coordinator::actor gateway_;
  std::uint64_t client_ = 0;
  int idle_ = 0;
  sdk::timer pause_;
};

struct three_members {
  three_members(std::uint64_t seed, notes& all) : world(seed) {
    sdk::log::set_level(sdk::log::level::none);
    register_builtin_types(types);
    sdk::component_type type;
    type.name = "test.decider";
    type.summary = "Has decisions made.";
    type.gives = {"test", 1};
    type.needs = {{"coordinator", {coordinator::name, coordinator::version}}};
    type.factory = [&all](sdk::component_context& context) {
      return sdk::component_instance{sdk::spawn_pinned<decider>(context.unit, context, all)};
    };
    types.add(std::move(type));
    for (int id = 1; id <= 3; ++id) {
      auto loaded = compose::load_text(
          "three.yaml", deployment_text, {"node.id=" + std::to_string(id)},
          [](const std::string&) { return std::optional<std::string>{}; }, types);
      INFO(loaded.errors);
      REQUIRE(loaded.value);
      plans.push_back(*std::move(loaded.value));
      servers.push_back(&world.add_server("host" + std::to_string(id)));
    }
    for (std::size_t i = 0; i < 3; ++i)
      servers[i]->start(plans[i]);
  }
  ~three_members() { sdk::log::set_level(sdk::log::level::info); }

  /// Something happens to one of them, or nothing.
  void trouble() {
    const auto i = world.random().below(3);
    auto& one = *servers[i];
    if (one.paused()) return one.resume();
    if (!one.running()) return one.start(plans[i]);
    if (world.random().chance(1, 2)) return one.pause();
    if (world.random().chance(1, 2)) return one.crash();
  }
  void heal() {
    for (std::size_t i = 0; i < 3; ++i) {
      if (servers[i]->paused()) servers[i]->resume();
      if (!servers[i]->running()) servers[i]->start(plans[i]);
    }
  }

  testing::simulation world;
  sdk::catalog types;
  std::vector<compose::plan> plans;
  std::vector<testing::sim_server*> servers;
};

}  // namespace

TEST_CASE("simulation: a decision's reply is absent or true, whatever happens to its leader") {
  std::size_t told = 0, elsewhere = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    notes all;
    three_members three{seed, all};
    for (int step = 0; step < 60; ++step) {
      three.world.run_for(milliseconds{20 + three.world.random().below(400)});
      three.trouble();
    }
    three.heal();
    all.over = true;
    // Long enough for an election and every answer that is still to come.
    three.world.run_for(10s);
    all.list.clear();
    REQUIRE(three.world.run_until([&] { return !all.list.empty(); }, 30s));
    std::map<std::uint64_t, std::string> taken;
    std::set<std::string> numbers;
    std::istringstream lines{all.list};
    for (std::string id, number; lines >> id >> number;) {
      taken[std::stoull(id)] = number;
      CHECK(numbers.insert(number).second);
    }
    for (const auto& [id, answer] : all.answers) {
      INFO("decision " << id << " was answered " << to_string(answer.error));
      if (answer.error == error_code::ok) {
        REQUIRE(taken.contains(id));
        if (answer.has_reply) CHECK(answer.reply == taken[id]);
        ++told;
      } else if (answer.error == error_code::not_leader) {
        CHECK_FALSE(taken.contains(id));
        ++elsewhere;
      } else {
        // Nothing else is told but that nobody knows, or that the gateway does not serve.
        CHECK((answer.error == error_code::operation_timeout ||
               answer.error == error_code::throttled));
      }
    }
  }
  CHECK(told > 500);
  CHECK(elsewhere > 50);
}

}  // namespace troupe
