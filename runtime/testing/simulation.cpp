#include <troupe/testing/simulation.hpp>

#include <map>
#include <utility>

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <troupe/base/check.hpp>

#include "runtime/compose/deployment.hpp"
#include "runtime/reactor/loop_timers.hpp"
#include "runtime/reactor/run_queue.hpp"
#include "runtime/testing/pausable_timer.hpp"

namespace troupe::testing {
namespace {

struct system_config : caf::actor_system_config {
  system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
  }
};

/// One start of a server: everything that is gone when it ends.
struct process {
  process(caf::actor_system& system, kj::Timer& kj_timer, sim_clock& clock, sim_disk& disk,
          kj::Network& network, prng& random)
      : timer(kj_timer), timers(timer), entropy(random.fork()), workers(timers, random.fork()),
        queue(system, [] {}), ports{clock, entropy, timers, workers, disk, network, timer} {
    queue.shuffle(random());
  }

  pausable_timer timer;
  reactor::loop_timers timers;
  sim_entropy entropy;
  sim_workers workers;
  reactor::run_queue queue;
  sdk::ports ports;
  std::unique_ptr<compose::deployment> deployment;
  bool ready = false;
  bool ended = false;
};

}  // namespace

struct simulation::world {
  world(std::uint64_t seed_number, sim_network_options options)
      : seed(seed_number), random(seed_number), system(config), timers(timer),
        network(timers, timer, random(), options) {}

  /// Handles one batch of events, or jumps in time. False if nothing will ever happen.
  bool step() {
    if (loop.isRunnable()) {
      loop.run(static_cast<kj::uint>(1 + random.below(8)));
      return true;
    }
    return port.advance();
  }

  class server;

  const std::uint64_t seed;
  prng random;
  system_config config;
  caf::actor_system system;
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  sim_event_port port{timer};
  kj::EventLoop loop{port};
  kj::WaitScope scope{loop};
  reactor::loop_timers timers;
  sim_network network;
  std::map<std::string, std::unique_ptr<server>> servers;
};

class simulation::world::server final : public sim_server {
public:
  server(world& owner, std::string host)
      : world_(owner), host_(std::move(host)), clock_(owner.timer), disk_(owner.random(), host_) {}

  ~server() override {
    if (process_) tear_down();
  }

  void start(const compose::plan& plan) override {
    TROUPE_CHECK(!running(), "a server is started when it is down");
    if (process_) disk_.kill();  // it ended by itself; what it wrote is still there
    process_.reset();
    failure_.clear();
    process_ = std::make_unique<process>(world_.system, world_.timer, clock_, disk_,
                                         world_.network.host(host_), world_.random);
    auto& mine = *process_;
    mine.workers.slow_down(slowest_job_);
    mine.deployment = std::make_unique<compose::deployment>(
        plan, std::vector<compose::place>{{&mine.ports, &mine.queue}},
        compose::observer{[&mine] { mine.ready = true; },
                          [this, &mine](compose::outcome how) {
                            mine.ended = true;
                            failure_ = how.clean ? "" : how.reason;
                            if (!how.clean && failure_.empty()) failure_ = "unknown";
                          }});
  }

  void stop() override {
    if (running()) process_->deployment->stop();
  }

  void crash() override {
    if (!process_) return;
    // The ports go first: whatever the actors still do in their death throes reaches nobody.
    world_.network.crash(host_);
    disk_.crash_after_writes(0);
    tear_down();
    disk_.crash();
    failure_.clear();
  }

  void pause() override {
    if (!running() || paused_) return;
    paused_ = true;
    process_->timer.pause();
    world_.network.pause(host_);
  }

  void resume() override {
    if (!std::exchange(paused_, false)) return;
    world_.network.resume(host_);
    process_->timer.resume();
  }

  [[nodiscard]] bool paused() const override { return paused_; }

  void slow_workers(nanoseconds most) override {
    slowest_job_ = most;
    if (process_) process_->workers.slow_down(most);
  }

  void move_to(const std::string& host) override {
    TROUPE_CHECK(!running(), "a machine moves when it is down");
    host_ = host;
  }

  [[nodiscard]] bool running() const override { return process_ && !process_->ended; }
  [[nodiscard]] bool ready() const override { return running() && process_->ready; }
  [[nodiscard]] const std::string& failure() const override { return failure_; }
  [[nodiscard]] sim_disk& disk() override { return disk_; }
  [[nodiscard]] sim_clock& clock() override { return clock_; }
  [[nodiscard]] const std::string& host() const override { return host_; }

private:
  void tear_down() {
    auto& mine = *process_;
    paused_ = false;
    mine.workers.cut();
    mine.deployment->abandon();
    // Other servers' events run as well meanwhile; time stands still.
    while (!mine.queue.idle() || world_.loop.isRunnable()) {
      if (!world_.loop.isRunnable()) break;
      world_.loop.run(1);
    }
    process_.reset();
  }

  world& world_;
  std::string host_;
  sim_clock clock_;
  sim_disk disk_;
  std::string failure_;
  nanoseconds slowest_job_{0};
  bool paused_ = false;
  std::unique_ptr<process> process_;
};

simulation::simulation(std::uint64_t seed, sim_network_options network)
    : world_(std::make_unique<world>(seed, network)) {}

simulation::~simulation() {
  world_->servers.clear();
  while (world_->loop.isRunnable())
    world_->loop.run(1);
  // The actor system would wait for it for ever, and say nothing.
  TROUPE_CHECK(world_->system.registry().running() == 0, "no actor outlives its simulated server");
}

sim_server& simulation::add_server(const std::string& host) {
  auto& made = world_->servers[host];
  TROUPE_CHECK(!made, "hosts have different names");
  made = std::make_unique<world::server>(*world_, host);
  return *made;
}

bool simulation::run_until(const std::function<bool()>& done, nanoseconds limit) {
  const auto end = world_->timer.now() + limit.count() * kj::NANOSECONDS;
  while (!done()) {
    if (world_->timer.now() >= end || !world_->step()) return false;
  }
  return true;
}

void simulation::run_for(nanoseconds length) {
  bool over = false;
  const auto end = world_->timers.after(length, [&over] { over = true; });
  run_until([&over] { return over; }, length + nanoseconds{1'000'000'000});
}

sim_network& simulation::network() { return world_->network; }
sdk::timers& simulation::timers() { return world_->timers; }
kj::Timer& simulation::kj_timer() { return world_->timer; }
monotonic_time simulation::now() const { return sim_clock{world_->timer}.now(); }
prng& simulation::random() { return world_->random; }
std::uint64_t simulation::seed() const noexcept { return world_->seed; }

}  // namespace troupe::testing
