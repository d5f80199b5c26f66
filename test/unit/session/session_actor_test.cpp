#include <catch2/catch.hpp>

#include <memory>
#include <vector>

#include <caf/send.hpp>
#include <kj/timer.h>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_disk.hpp>
#include <troupe/testing/sim_network.hpp>
#include <troupe/testing/sim_time.hpp>

#include "actors/session/component.hpp"
#include "actors/session/session_actor.hpp"
#include "runtime/reactor/loop_timers.hpp"
#include "runtime/reactor/run_queue.hpp"
#include "test/support/caf_world.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using expiries = std::vector<std::uint64_t>;

/// The broadcast and the tree, as far as the session component talks to them.
class neighbours final : public sdk::pinned_actor {
public:
  neighbours(caf::actor_config& config, sdk::reactor_unit& home, expiries& expired)
      : sdk::pinned_actor(config, home, 9, {}), expired_(expired) {}

  caf::behavior make_behavior() override {
    return handlers<role::broadcast::actor, role::component::supervisor>(
        [this](const role::broadcast::submit& m) {
          for (const auto& one : m.requests)
            expired_.push_back(one.session.value);
        },
        [](const role::broadcast::attach&) {}, [](const role::broadcast::attach_touches&) {},
        [](const role::broadcast::touch&) {}, [](const role::broadcast::inspect&) {},
        [](const role::tree::attach_sessions&) {}, [](const role::component::ready&) {},
        [](const role::component::stopped&) {}, [](const role::component::failed&) {},
        [](const role::component::status_report&) {});
  }

private:
  expiries& expired_;
};

/// The session component with a tick of 100 ms, alone in virtual time.
struct session_world : test::caf_world {
  session_world() {
    sdk::log::set_level(sdk::log::level::none);
    around = sdk::spawn_pinned<neighbours>(queue, expired);
    auto options = sdk::option_values::defaults_of(session::replicated_type().options);
    options.set("tick", std::chrono::nanoseconds{100ms});
    const sdk::deployment_info info{server_id{1}, "", ""};
    sdk::component_context context{"sessions", 1,
                                   options,    ports,
                                   queue,      role::component::supervisor{around},
                                   info,       {{"broadcast", around}, {"tree", around}}};
    const auto made = sdk::spawn_pinned<session::session_actor>(queue, context);
    component = role::component::actor{made};
    sessions = role::session::actor{made};
    tree = role::tree::session_listener{made};
    broadcast = role::broadcast::listener{made};
    component.send(role::component::start{});
    broadcast.send(role::broadcast::serving_changed{
        true, role::broadcast::server_mode::standalone, true, {}, server_id{1}, 1});
  }
  ~session_world() {
    component.send(role::component::stop{});
    caf::anon_send_exit(around, caf::exit_reason::kill);
    settle();
    sdk::log::set_level(sdk::log::level::info);
  }

  void open(std::uint64_t session, milliseconds timeout) {
    role::tree::session_changes changes;
    changes.changes.emplace_back(role::tree::session_changes::opened{session_id{session}, timeout});
    tree.send(std::move(changes));
    settle();
  }
  void close(std::uint64_t session) {
    role::tree::session_changes changes;
    changes.changes.emplace_back(
        role::tree::session_changes::closed{session_id{session}, close_cause::expired});
    tree.send(std::move(changes));
    settle();
  }
  void touch(std::uint64_t session) {
    sessions.send(role::session::touch{{session_id{session}}});
    settle();
  }
  /// Time goes on, and the reactor does what is due.
  void pass(nanoseconds by) {
    const auto end = time.now() + by.count() * kj::NANOSECONDS;
    while (true) {
      settle();
      KJ_IF_MAYBE (next, time.nextEvent()) {
        if (*next <= end) {
          time.advanceTo(*next);
          continue;
        }
      }
      break;
    }
    time.advanceTo(end);
    settle();
  }
  /// Time goes on, and the reactor does nothing: the process is stopped, or the machine is.
  void pause(nanoseconds by) { time.advanceTo(time.now() + by.count() * kj::NANOSECONDS); }
  void settle() {
    while (loop.isRunnable())
      loop.run(1);
  }

  expiries expired;
  kj::TimerImpl time{kj::origin<kj::TimePoint>()};
  testing::sim_event_port port{time};
  kj::EventLoop loop{port};
  kj::WaitScope scope{loop};
  reactor::loop_timers timers{time};
  reactor::run_queue queue{system, [] {}};
  testing::sim_clock clock{time};
  testing::sim_entropy entropy{prng{1}};
  testing::sim_workers workers{timers, prng{2}};
  testing::sim_disk disk{3};
  testing::sim_network network{timers, time, 4};
  sdk::ports ports{clock, entropy, timers, workers, disk, network.host("here"), time};

  role::component::actor component;
  caf::strong_actor_ptr around;
  role::session::actor sessions;
  role::tree::session_listener tree;
  role::broadcast::listener broadcast;
};

}  // namespace

TEST_CASE("sessions: one that is not heard of expires after its timeout, within a tick") {
  session_world world;
  world.open(7, 4s);
  world.pass(3s);
  world.touch(7);
  world.pass(3999ms);
  CHECK(world.expired.empty());
  world.pass(101ms);
  CHECK(world.expired == expiries{7});
}

TEST_CASE("sessions: after a pause of the server clients are heard before any is given up") {
  session_world world;
  world.open(7, 4s);
  world.open(8, 4s);
  world.pause(60s);
  world.settle();
  CHECK(world.expired.empty());
  world.touch(7);  // it was in the socket all the time
  // Nothing that happens meanwhile puts it off again.
  for (std::uint64_t other = 9; other < 12; ++other) {
    world.pass(40ms);
    world.open(other, 4s);
  }
  CHECK(world.expired == expiries{8});
  world.close(8);
  world.pass(3800ms);
  CHECK(world.expired == expiries{8});
  world.pass(300ms);
  CHECK(world.expired == expiries{8, 7, 9, 10, 11});
}
