#include "test/simulation/ensemble_world.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <stdexcept>

#include <troupe/sdk/log.hpp>

#include "runtime/compose/plan_load.hpp"
#include "test/simulation/world.hpp"

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

constexpr auto deployment_text = R"(
troupe: 1
node: { id: 1, data_dir: data }
components:
  peers:     { type: peer.tcp, members: MEMBERS }
  log:
    type: storage.wal
    first_segment_bytes: 8KiB
    segment_bytes: 16KiB
    snapshot_log_bytes: 64MiB
    snapshot_transactions: 100000
  tree:      { type: tree.znode }
  election:  { type: election.fast }
  broadcast:
    type: broadcast.zab
    init_limit: 2s
    sync_limit: 500ms
    ping_interval: 100ms
    keep_bytes: 4KiB
  sessions:  { type: session.replicated, tick: 100ms, timeout: { min: 1s, max: 10s } }
  clients:   { type: gateway.zookeeper, listen: "0.0.0.0:2181" }
)";

std::string host_of(std::size_t index) { return "member" + std::to_string(index + 1); }

compose::plan plan_of(std::size_t index, std::size_t count) {
  std::string members = "{ ";
  for (std::size_t i = 0; i < count; ++i)
    members += (i == 0 ? "" : ", ") + std::to_string(i + 1) + ": \"" + host_of(i) + ":2888\"";
  std::string text = deployment_text;
  text.replace(text.find("MEMBERS"), 7, members + " }");
  auto loaded = compose::load_text(
      "ensemble.yaml", text, {"node.id=" + std::to_string(index + 1)},
      [](const std::string&) { return std::optional<std::string>{}; }, builtin_catalog());
  if (!loaded.value) throw std::runtime_error{loaded.errors};
  return *std::move(loaded.value);
}

}  // namespace

ensemble_world::ensemble_world(std::uint64_t seed, std::size_t members) : simulation_(seed) {
  sdk::log::set_level(only_seed() ? sdk::log::level::info : sdk::log::level::none);
  for (std::size_t i = 0; i < members; ++i)
    members_.push_back({plan_of(i, members), &simulation_.add_server(host_of(i))});
  for (std::size_t i = 0; i < members; ++i) {
    sim_client::settings how;
    how.number = static_cast<int>(i);
    how.server = host_of(i);
    how.reads_may_be_old = true;
    clients_.push_back(std::make_unique<busy_client>(simulation_, history_, how));
    clients_.back()->start();
  }
}

ensemble_world::~ensemble_world() = default;

bool ensemble_world::wait_for(const std::function<bool()>& what, nanoseconds limit) {
  return simulation_.run_until(what, limit);
}

void ensemble_world::start_all() {
  for (auto& one : members_)
    if (!one.server->running()) one.server->start(one.plan);
}

bool ensemble_world::all_ready() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const member& one) { return one.server->ready(); });
}

void ensemble_world::stop_cleanly(testing::sim_server& which) {
  which.stop();
  if (!wait_for([&] { return !which.running(); }, 30s)) {
    history_.violation(which.host() + " does not stop");
    which.crash();
  } else if (!which.failure().empty()) {
    history_.violation("an orderly stop ended with: " + which.failure());
  }
}

void ensemble_world::round(ensemble_fault what) {
  auto& random = simulation_.random();
  start_all();
  simulation_.run_for(nanoseconds{random.below(1'500'000'000)});
  auto& victim = *members_[random.below(members_.size())].server;
  switch (what) {
  case ensemble_fault::none:
    break;
  case ensemble_fault::any_crash:
    victim.crash();
    break;
  case ensemble_fault::all_crash:
    for (auto& one : members_)
      one.server->crash();
    break;
  case ensemble_fault::broken_network:
    for (int i = 0; i < 6; ++i) {
      simulation_.network().break_one();
      simulation_.run_for(nanoseconds{random.below(50'000'000)});
    }
    break;
  case ensemble_fault::clean_restart:
    stop_cleanly(victim);
    break;
  }
  simulation_.run_for(nanoseconds{random.below(800'000'000)});
  for (auto& one : members_) {
    if (one.server->running() || one.server->failure().empty()) continue;
    history_.violation(one.server->host() + " stopped by itself: " + one.server->failure());
  }
}

std::vector<std::string> ensemble_world::run(int rounds) {
  constexpr ensemble_fault all[] = {ensemble_fault::none,          ensemble_fault::any_crash,
                                    ensemble_fault::any_crash,     ensemble_fault::broken_network,
                                    ensemble_fault::clean_restart, ensemble_fault::all_crash};
  for (int i = 0; i < rounds; ++i)
    round(all[simulation_.random().below(std::size(all))]);
  return finish();
}

std::vector<std::string> ensemble_world::finish() {
  start_all();
  if (!wait_for([this] { return all_ready(); }, 60s)) {
    history_.violation("not all members come back");
    return history_.check();
  }
  check_progress();
  for (const auto& one : clients_)
    one->set_active(false);
  const auto quiet = [this] {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& one) { return one->client.pending() == 0; });
  };
  if (!wait_for(quiet, 60s)) history_.violation("a request is never answered");
  return history_.check();
}

void ensemble_world::check_progress() {
  constexpr std::size_t enough = 15;
  std::vector<std::size_t> before;
  for (const auto& one : clients_)
    before.push_back(one->client.answers());
  const auto made = [&] {
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (clients_[i]->client.answers() < before[i] + enough) return false;
    return true;
  };
  if (wait_for(made, 60s)) return;
  std::string who;
  for (const auto& one : clients_)
    who += "; " + one->client.describe();
  for (const auto& one : members_)
    who += "; " + one.server->host() + (one.server->running() ? " runs" : " is down: ") +
           one.server->failure();
  history_.violation("a client makes no progress after all healed" + who);
}

}  // namespace troupe::test
