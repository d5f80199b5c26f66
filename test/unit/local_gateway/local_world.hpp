/// A server in the simulator, with clients of its local gateway that follow a script.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>
#include <troupe/testing/simulation.hpp>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"

namespace troupe::local::test {

using namespace std::chrono_literals;
namespace coordinator = role::coordinator;

/// What a test's client is told, one word after another, and what it says then.
struct script {
  std::function<void(const std::string&)> then;
  std::vector<std::string> log;
  coordinator::actor gateway;
  coordinator::decider decider;
  std::uint64_t client = 0;
  session_id session;
  std::map<std::uint64_t, std::vector<std::string>> lists;  ///< by the token of the read

  void write(std::uint64_t token, write_op op) const {
    gateway.send(coordinator::write{client, token, session, {}, std::move(op)});
  }
  void read(std::uint64_t token, read_op op) const {
    gateway.send(coordinator::read{client, token, session, {}, std::move(op)});
  }
  void transact(std::uint64_t token, std::shared_ptr<const decision> what) const {
    gateway.send(coordinator::transact{client, token, session, std::move(what), decider});
  }
  void create(std::uint64_t token, const std::string& path,
              node_kind kind = node_kind::persistent) const {
    create_op op;
    op.path = path;
    op.data = blob{"data of " + path};
    op.acl = {{permission_all, {"world", "anyone"}}};
    op.kind = kind;
    write(token, std::move(op));
  }
  void note(std::string word) {
    log.push_back(word);
    if (then) then(word);
  }
  [[nodiscard]] bool heard(const std::string& word) const {
    return std::find(log.begin(), log.end(), word) != log.end();
  }
};

/// The client's actor, as a component wired to the gateway.
class user final : public sdk::pinned_actor {
public:
  user(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
       script& lines)
      : sdk::pinned_actor(config, home, context.number, context.supervisor), script_(lines) {
    script_.gateway = context.wire<coordinator::actor>("coordinator");
  }

  caf::behavior make_behavior() override {
    return handlers<coordinator::client, coordinator::decider, role::component::actor>(
        [this](const coordinator::transacted& m) {
          script_.note("transacted " + std::to_string(m.token) + " " +
                       std::string{to_string(m.error)} + " " + std::string{m.reply.view()});
        },
        [this](const coordinator::attached& m) {
          script_.client = m.client;
          script_.note("attached");
        },
        [this](const coordinator::opened& m) {
          script_.session = m.session;
          script_.note("opened " + std::string{to_string(m.error)});
        },
        [this](const coordinator::wrote& m) {
          script_.note("wrote " + std::to_string(m.token) + " " +
                       std::string{to_string(m.results.at(0).error)});
        },
        [this](const coordinator::read_done& m) {
          if (!m.result.names.empty()) script_.lists[m.token] = m.result.names.to_vector();
          script_.note("read " + std::to_string(m.token) + " " +
                       std::string{to_string(m.result.error)} + " " +
                       std::string{m.result.data.view()});
        },
        [this](const coordinator::event& m) { script_.note("event " + m.path); },
        [this](const coordinator::session_ended& m) {
          script_.note("ended " + std::string{to_string(m.cause)});
        },
        [this](const role::component::start&) {
          script_.decider = self<coordinator::decider>();
          script_.gateway.send(coordinator::attach{self<coordinator::client>()});
          report_ready();
        },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) {});
  }
  void on_exit() override {
    script_.gateway.reset();
    script_.decider.reset();
  }

private:
  script& script_;
};

/// One simulated server in memory whose users are the scripts.
struct local_world {
  explicit local_world(std::vector<script*> scripts, const std::string& options = "",
                       const std::string& storage = "storage.memory",
                       const std::vector<std::string>& settings = {}) {
    sdk::log::set_level(sdk::log::level::none);
    register_builtin_types(types);
    auto text = std::string{
        "troupe: 1\nnode: { id: 1, data_dir: d }\ncomponents:\n"
        "  log: { type: " +
        storage +
        " }\n"
        "  tree: { type: tree.znode }\n"
        "  broadcast: { type: broadcast.local }\n"
        "  sessions: { type: session.replicated, tick: 100ms, timeout: { min: 3s, max: 3s } }\n"
        "  local: { type: gateway.local"};
    text += options + " }\n";
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      const auto name = "user" + std::to_string(i);
      add_user(name, *scripts[i]);
      text += "  " + name + ": { type: test." + name + " }\n";
    }
    auto loaded = compose::load_text(
        "test.yaml", text, settings,
        [](const std::string&) { return std::optional<std::string>{}; }, types);
    INFO(loaded.errors);
    REQUIRE(loaded.value);
    plan = *std::move(loaded.value);
    server.start(plan);
  }

  ~local_world() { sdk::log::set_level(sdk::log::level::info); }

  void add_user(const std::string& name, script& lines) {
    sdk::component_type type;
    type.name = "test." + name;
    type.summary = "A client of the local gateway.";
    type.gives = {"test", 1};
    type.needs = {{"coordinator", {coordinator::name, coordinator::version}}};
    type.factory = [&lines](sdk::component_context& context) {
      return sdk::component_instance{sdk::spawn_pinned<user>(context.unit, context, lines)};
    };
    types.add(std::move(type));
  }

  bool until(const script& lines, const std::string& word) {
    return world.run_until([&] { return lines.heard(word); }, 60s);
  }

  sdk::catalog types;
  compose::plan plan;
  testing::simulation world{42};
  testing::sim_server& server{world.add_server("server")};
};

}  // namespace troupe::local::test
