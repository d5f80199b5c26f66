/// Small actors for the reactor's tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <kj/async.h>

#include <troupe/sdk/actor.hpp>

namespace troupe::test {

struct ball {
  int number = 0;
};
using player_handle = handle<ball>;
struct partner {
  player_handle other;
};

/// Hands every ball to a function, and then to its partner, if it has one.
class player final : public sdk::pinned_actor {
public:
  player(caf::actor_config& config, sdk::reactor_unit& home, std::function<void(int)> on_ball,
         role::component::supervisor supervisor = {}, std::shared_ptr<void> alive = {})
      : sdk::pinned_actor(config, home, 1, std::move(supervisor)), on_ball_(std::move(on_ball)),
        alive_(std::move(alive)) {}

  caf::behavior make_behavior() override {
    return handlers<handle<ball, partner>>(
        [this](const ball& m) {
          on_ball_(m.number);
          partner_.send(ball{m.number + 1});
        },
        [this](const partner& m) { partner_ = m.other; });
  }
  void on_exit() override { partner_.reset(); }

private:
  const std::function<void(int)> on_ball_;
  const std::shared_ptr<void> alive_;
  player_handle partner_;
};

/// A supervisor that only notes what it is told.
class recorder final : public sdk::pinned_actor {
public:
  recorder(caf::actor_config& config, sdk::reactor_unit& home,
           std::function<void(std::string)> note)
      : sdk::pinned_actor(config, home, 0, {}), note_(std::move(note)) {}

  caf::behavior make_behavior() override {
    namespace component = role::component;
    return handlers<component::supervisor>(
        [this](const component::ready& m) { note_("ready " + std::to_string(m.component)); },
        [this](const component::stopped& m) { note_("stopped " + std::to_string(m.component)); },
        [this](const component::failed& m) {
          note_("failed " + std::to_string(m.component) + ": " + m.reason);
        },
        [this](const component::status_report&) { note_("status"); });
  }

private:
  const std::function<void(std::string)> note_;
};

}  // namespace troupe::test

TROUPE_MESSAGE(troupe::test::ball)
TROUPE_MESSAGE(troupe::test::partner)
