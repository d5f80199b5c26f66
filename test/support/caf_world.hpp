/// An actor system for tests of the frame.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace troupe::test {

/// CAF as the program sets it up: its own threads have nothing to do, every actor is pinned.
struct caf_world {
  struct settings : caf::actor_system_config {
    settings() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{1});
    }
  };
  settings config;
  caf::actor_system system{config};
};

}  // namespace troupe::test
