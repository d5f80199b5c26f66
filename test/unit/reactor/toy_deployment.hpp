/// A deployment of toy components in virtual time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <kj/async.h>

#include <troupe/sdk/component_context.hpp>

#include "runtime/compose/deployment.hpp"
#include "test/support/loop_world.hpp"

namespace troupe::test {

struct fail_now {};
struct throw_now {};

/// What happened to the toys, and how they are to behave.
struct toy_box {
  struct manners {
    bool never_ready = false;
    bool never_stops = false;
    bool mute = false;  ///< does not answer status requests
  };
  std::vector<std::string> log;
  std::map<std::string, manners> behaviour;
  std::map<std::string, handle<fail_now, throw_now>> actors;
};

/// Writes into the box what it is told.
class toy final : public sdk::pinned_actor {
public:
  toy(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
      toy_box& box)
      : sdk::pinned_actor(config, home, context.number, context.supervisor), name_(context.name),
        box_(box) {}

  caf::behavior make_behavior() override {
    namespace component = role::component;
    box_.actors[name_] = self<handle<fail_now, throw_now>>();
    return handlers<component::actor, handle<fail_now, throw_now>>(
        [this](const component::start&) {
          box_.log.push_back("start " + name_);
          if (!box_.behaviour[name_].never_ready) report_ready();
        },
        [this](const component::stop&) {
          box_.log.push_back("stop " + name_);
          if (!box_.behaviour[name_].never_stops) finish();
        },
        [this](const component::report_status& m) {
          if (box_.behaviour[name_].mute) return;
          supervisor_.send(component::status_report{m.token, number_, {{"name", name_}}});
        },
        [this](const fail_now&) { fail("it was told to"); },
        [](const throw_now&) { throw std::runtime_error{"thrown on purpose"}; });
  }
  void on_exit() override { box_.log.push_back("end " + name_); }

private:
  const std::string name_;
  toy_box& box_;
};

/// Components a, b, c …, each wired to the ones named; and the world around them.
class toy_deployment : public loop_world {
public:
  struct part {
    std::string name;
    std::vector<std::string> wires = {};
    sdk::failure_policy policy = sdk::failure_policy::stop_node;
  };

  explicit toy_deployment(const std::vector<part>& parts) {
    for (const auto& one : parts)
      add(one);
  }
  ~toy_deployment() {
    box.actors.clear();
    if (running) running->abandon();
    settle();
  }

  void start() {
    running.emplace(plan, std::vector<compose::place>{{&ports, &queue}},
                    compose::observer{[this] { ready = true; },
                                      [this](compose::outcome how) { outcome = std::move(how); }});
    settle();
  }
  void stop() {
    running->stop();
    settle();
  }
  template <class M>
  void tell(const std::string& name, M message) {
    box.actors.at(name).send(std::move(message));
    settle();
  }
  /// Lets virtual time pass, and everything happen that happens until then.
  void pass(nanoseconds by) {
    const auto end = time.now() + by.count() * kj::NANOSECONDS;
    while (true) {
      settle();
      KJ_IF_MAYBE (next, time.nextEvent()) {
        if (*next <= end) {
          port.advance();
          continue;
        }
      }
      break;
    }
    time.advanceTo(end);
    settle();
  }

  toy_box box;

  compose::plan plan;
  bool ready = false;
  std::optional<compose::outcome> outcome;
  std::optional<compose::deployment> running;

private:
  void add(const part& what) {
    auto type = std::make_unique<sdk::component_type>();
    type->name = "toy." + what.name;
    type->on_failure = what.policy;
    type->factory = [this](sdk::component_context& context) {
      box.log.push_back("make " + context.name);
      return sdk::component_instance{sdk::spawn_pinned<toy>(context.unit, context, box)};
    };
    compose::planned_component made;
    made.name = what.name;
    made.type = type.get();
    for (const auto& wire : what.wires)
      made.wires[wire] = wire;
    plan.components.push_back(std::move(made));
    types_.push_back(std::move(type));
  }
  std::vector<std::unique_ptr<sdk::component_type>> types_;
};

}  // namespace troupe::test

TROUPE_MESSAGE(troupe::test::fail_now)
TROUPE_MESSAGE(troupe::test::throw_now)
