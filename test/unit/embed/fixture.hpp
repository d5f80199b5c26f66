/// An application with an actor system of its own, for tests of embedding.
#pragma once

#include <catch2/catch.hpp>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <troupe/embed/client.hpp>
#include <troupe/embed/deployment.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>

namespace troupe::test {

/// Failures are on purpose here; nobody needs to read of them.
struct quiet {
  quiet() { sdk::log::set_level(sdk::log::level::none); }
  ~quiet() { sdk::log::set_level(sdk::log::level::info); }
};

/// An application as it might be: CAF's scheduler with several threads, the way CAF sets it up.
struct application {
  const quiet now;
  struct config : caf::actor_system_config {
    config() { set("scheduler.max-threads", std::size_t{4}); }
  };
  config settings;
  caf::actor_system system{settings};
};

/// A directory that goes with the test.
struct scratch {
  std::string path = (std::filesystem::temp_directory_path() / "troupe-embed-XXXXXX").string();
  scratch() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~scratch() { std::filesystem::remove_all(path); }
};

/// One server with its data in `directory`; `more` are further lines below `components`.
inline embed::yaml server(const std::string& directory, const std::string& more = "") {
  return embed::yaml::text(
      "troupe: 1\nnode: { id: 1, data_dir: \"" + directory +
          "\" }\ncomponents:\n"
          "  log: { type: storage.wal, first_segment_bytes: 64KiB, segment_bytes: 64KiB }\n"
          "  tree: { type: tree.znode }\n"
          "  broadcast: { type: broadcast.local }\n"
          "  sessions: { type: session.replicated }\n"
          "  local: { type: gateway.local }\n" +
          more,
      "test.yaml");
}

/// Something that one thread waits for and another does.
class signal {
public:
  void set() {
    const std::lock_guard guard{mutex_};
    set_ = true;
    changed_.notify_all();
  }
  /// False if it does not come; a test that passes never waits so long.
  bool wait() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::minutes{1}, [this] { return set_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// What a component of the application does when it is told something; may throw.
struct behaviour {
  std::function<void()> on_make = {}, on_start = {}, on_stop = {};
};

/// A component type that an application adds in code.
inline sdk::component_type own_type(const std::string& name, behaviour how) {
  class own final : public sdk::pinned_actor {
  public:
    own(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
        behaviour how)
        : sdk::pinned_actor(config, home, context.number, context.supervisor),
          how_(std::move(how)) {}

    caf::behavior make_behavior() override {
      return handlers<role::component::actor>(
          [this](const role::component::start&) {
            if (how_.on_start) how_.on_start();
            report_ready();
          },
          [this](const role::component::stop&) {
            if (how_.on_stop) how_.on_stop();
            finish();
          },
          [this](const role::component::report_status& m) {
            supervisor_.send(
                role::component::status_report{m.token, number_, {{"own_fact", "yes"}}});
          });
    }

  private:
    const behaviour how_;
  };
  sdk::component_type type;
  type.name = name;
  type.summary = "A component of the application.";
  type.gives = {"test", 1};
  type.factory = [how](sdk::component_context& context) {
    if (how.on_make) how.on_make();
    return sdk::component_instance{sdk::spawn_pinned<own>(context.unit, context, how)};
  };
  return type;
}

}  // namespace troupe::test
