#include <troupe/testing/sim_ensemble.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/testing/sim_deployment.hpp>

namespace troupe::testing {

using namespace std::chrono_literals;

namespace {

/// How long everybody may take to serve when nothing is wrong.
constexpr nanoseconds settling_limit = 1min;

std::string host_of(std::uint32_t member) { return "member" + std::to_string(member); }

/// Quick to notice what happens, because time costs nothing here.
std::string deployment_of(std::uint32_t member, const sim_ensemble_options& options) {
  std::string members;
  for (std::uint32_t i = 1; i <= options.members; ++i)
    members += (i == 1 ? "" : ", ") + std::to_string(i) + ": \"" + host_of(i) + ":2888\"";
  return "troupe: 1\n"
         "node: { id: " +
         std::to_string(member) +
         ", data_dir: data }\n"
         "components:\n"
         "  peers: { type: peer.tcp, members: { " +
         members +
         " } }\n"
         "  log: { type: storage.wal, first_segment_bytes: 64KiB, segment_bytes: 256KiB }\n"
         "  tree: { type: tree.znode }\n"
         "  election: { type: election.fast }\n"
         "  broadcast: { type: broadcast.zab, init_limit: 2s, sync_limit: 500ms, "
         "ping_interval: 100ms }\n"
         "  sessions: { type: session.replicated, tick: 100ms, timeout: { min: 1s, max: 40s } }\n"
         "  local: { type: gateway.local }\n" +
         options.components +
         "  test_client: { type: testing.client, wires: { coordinator: local } }\n";
}

}  // namespace

struct sim_ensemble::state {
  /// One machine, and what is wrong with it.
  struct member {
    std::unique_ptr<sim_client> client;
    std::unique_ptr<sim_deployment> deployment;
    sim_server* server = nullptr;
    bool isolated = false;
    std::optional<monotonic_time> heals;  ///< when a fault of `disturb` ends
  };

  state(std::uint64_t seed, sim_ensemble_options wanted)
      : options(std::move(wanted)), world(seed, options.network) {
    for (std::uint32_t i = 1; i <= options.members; ++i) {
      member one;
      one.client = std::make_unique<sim_client>(
          [this](const std::function<bool()>& done) { return run(done, settling_limit); });
      one.deployment =
          std::make_unique<sim_deployment>(deployment_of(i, options), [&](sdk::catalog& types) {
            types.add(one.client->type());
            if (options.add) options.add(types);
          });
      one.server = &world.add_server(host_of(i));
      members.push_back(std::move(one));
    }
  }

  ~state() {
    // Their actors know the clients.
    for (auto& one : members)
      if (one.server->running()) one.server->crash();
  }

  member& at(std::uint32_t number) { return members.at(number - 1); }

  void isolate(std::uint32_t number, bool cut) {
    auto& one = at(number);
    if (one.isolated == cut) return;
    one.isolated = cut;
    for (std::uint32_t other = 1; other <= members.size(); ++other) {
      if (other == number) continue;
      // Two that are both isolated stay apart until the last of them is heard again.
      if (cut)
        world.network().part(host_of(number), host_of(other));
      else if (!at(other).isolated)
        world.network().heal(host_of(number), host_of(other));
    }
  }

  void start(std::uint32_t number) {
    auto& one = at(number);
    if (!one.server->running()) one.server->start(one.deployment->plan());
  }

  /// Everything that is wrong with this member is over.
  void heal(std::uint32_t number) {
    at(number).heals.reset();
    at(number).server->resume();
    isolate(number, false);
    start(number);
  }

  /// What `disturb` has in store for this moment.
  void faults_due() {
    const auto now = world.now();
    for (std::uint32_t i = 1; i <= members.size(); ++i)
      if (at(i).heals && *at(i).heals <= now) heal(i);
    if (now < next_fault || now >= disturbed_until) return;
    next_fault = now + nanoseconds{world.random().below(300'000'000)};
    const auto ill = std::count_if(members.begin(), members.end(), [](const member& one) {
      return one.heals || one.isolated || !one.server->running() || one.server->paused();
    });
    const auto number = static_cast<std::uint32_t>(1 + world.random().below(members.size()));
    if (static_cast<std::size_t>(ill) < (members.size() - 1) / 2) begin_fault(number);
  }

  void begin_fault(std::uint32_t number) {
    ++faults;
    at(number).heals = world.now() + nanoseconds{100'000'000 + world.random().below(1'500'000'000)};
    switch (world.random().below(3)) {
    case 0:
      at(number).server->crash();
      break;
    case 1:
      at(number).server->pause();
      break;
    default:
      isolate(number, true);
    }
  }

  /// When `faults_due` wants to be called next.
  [[nodiscard]] monotonic_time next_due(monotonic_time at_latest) const {
    auto next = at_latest;
    if (world.now() < disturbed_until) next = std::min(next, next_fault);
    for (const auto& one : members)
      if (one.heals) next = std::min(next, *one.heals);
    return next;
  }

  bool run(const std::function<bool()>& done, nanoseconds limit) {
    const auto end = world.now() + limit;
    while (!done()) {
      faults_due();
      const auto now = world.now();
      if (now >= end) return false;
      const auto until = std::max(next_due(end), now + 1us);
      world.run_until([&] { return done() || world.now() >= until; }, until - now);
    }
    return true;
  }

  const sim_ensemble_options options;
  simulation world;
  std::vector<member> members;
  monotonic_time disturbed_until{}, next_fault{};
  std::size_t faults = 0;
};

sim_ensemble::sim_ensemble(std::uint64_t seed, sim_ensemble_options options)
    : state_(std::make_unique<state>(seed, std::move(options))) {}

sim_ensemble::~sim_ensemble() = default;

bool sim_ensemble::start() {
  state_->disturbed_until = {};
  for (std::uint32_t i = 1; i <= size(); ++i)
    state_->heal(i);
  return run_until(
      [this] {
        return std::all_of(state_->members.begin(), state_->members.end(),
                           [](const auto& one) { return one.client->connected(); });
      },
      settling_limit);
}

std::uint32_t sim_ensemble::size() const {
  return static_cast<std::uint32_t>(state_->members.size());
}

sim_server& sim_ensemble::server(std::uint32_t member) { return *state_->at(member).server; }

sim_client& sim_ensemble::client(std::uint32_t member) { return *state_->at(member).client; }

std::optional<std::uint32_t> sim_ensemble::leader() const {
  for (std::uint32_t i = 1; i <= size(); ++i)
    if (state_->at(i).client->leads()) return i;
  return std::nullopt;
}

void sim_ensemble::crash(std::uint32_t member) { state_->at(member).server->crash(); }
void sim_ensemble::restart(std::uint32_t member) { state_->start(member); }
void sim_ensemble::isolate(std::uint32_t member) { state_->isolate(member, true); }
void sim_ensemble::pause(std::uint32_t member) { state_->at(member).server->pause(); }

void sim_ensemble::disturb(nanoseconds length) {
  state_->disturbed_until = state_->world.now() + length;
  state_->next_fault = state_->world.now();
}

std::size_t sim_ensemble::faults() const { return state_->faults; }

bool sim_ensemble::run_until(const std::function<bool()>& done, nanoseconds limit) {
  return state_->run(done, limit);
}

void sim_ensemble::run_for(nanoseconds length) {
  (void)state_->run([] { return false; }, length);
}

simulation& sim_ensemble::world() { return state_->world; }

}  // namespace troupe::testing
