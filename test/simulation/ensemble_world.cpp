#include "test/simulation/ensemble_world.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "test/simulation/final_state.hpp"
#include "test/simulation/watched_tree.hpp"
#include "test/simulation/world.hpp"

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t client_count = 4;
/// After everything has healed nothing may take longer. With `init_limit` at two seconds and disks
/// that may still be slow that is seldom more than two.
constexpr auto healing_limit = 10s;

}  // namespace

ensemble_world::ensemble_world(std::uint64_t seed, const ensemble_options& options,
                               const sdk::catalog& types)
    : simulation_(seed), watch_(history_, [this] { return simulation_.now(); }),
      types_(watched_types(types, watch_)), ensemble_(make_ensemble(simulation_, options, types_)),
      faults_(simulation_, ensemble_, watch_, history_) {
  sdk::log::set_level(only_seed() ? sdk::log::level::info : sdk::log::level::none);
  watch_.set_promises([this](std::uint32_t epoch) { return ensemble_.quorum_promised(epoch); });
  make_clients();
}

ensemble_world::~ensemble_world() {
  // Processes and their actors know the watch and the plans.
  for (auto& one : ensemble_.members)
    one.server->crash();
}

void ensemble_world::make_clients() {
  for (std::size_t i = 0; i < client_count; ++i) {
    sim_client::settings how;
    how.number = static_cast<int>(i);
    how.servers.clear();
    for (const auto& one : ensemble_.members)
      how.servers.push_back(one.name);
    // One stays where it is, whatever happens; the others go where they are taken.
    if (i == 0) how.servers = {how.servers[simulation_.random().below(how.servers.size())]};
    how.timeout = milliseconds{simulation_.random().chance(1, 4) ? 1200 : 2500};
    how.reads_may_be_old = true;
    how.on_read = [this](const std::string& server, zxid shown, monotonic_time sent) {
      for (const auto& one : ensemble_.members)
        if (one.name == server) watch_.check_age(one.id, shown, sent);
    };
    how.on_expired = [this](session_id session, monotonic_time heard, milliseconds timeout) {
      watch_.check_expired(session, heard, timeout);
    };
    clients_.push_back(std::make_unique<busy_client>(simulation_, history_, how));
    if (i == 1) clients_.back()->only_read();
    clients_.back()->start();
    ensemble_.client_hosts.push_back("client" + std::to_string(i));
  }
}

bool ensemble_world::wait_for(const std::function<bool()>& what, nanoseconds limit) {
  return simulation_.run_until(what, limit);
}

bool ensemble_world::all_ready() const {
  return std::all_of(ensemble_.members.begin(), ensemble_.members.end(),
                     [](const ensemble_member& one) { return one.server->ready(); });
}

void ensemble_world::pass(nanoseconds length) {
  const auto end = simulation_.now() + length;
  while (simulation_.now() < end) {
    wait_for([&] { return simulation_.now() >= end || faults_.somebody_is_gone(); },
             end - simulation_.now());
    faults_.look_at_members();
    faults_.end_due();
  }
}

std::vector<std::string> ensemble_world::run(int steps) {
  constexpr std::size_t most_at_once = 4;
  auto& random = simulation_.random();
  for (auto& one : ensemble_.members)
    faults_.start(one);
  // Mostly there is something to lose before something happens.
  if (!random.chance(1, 5)) wait_for([this] { return watch_.elections() > 0; }, 10s);
  for (int i = 0; i < steps; ++i) {
    pass(nanoseconds{random.below(600'000'000)});
    for (auto left = random.below(3); left > 0 && faults_.active() < most_at_once; --left)
      faults_.begin_one();
  }
  return finish();
}

// -------------------------------------------------------------------- the end

std::vector<std::string> ensemble_world::finish() {
  faults_.look_at_members();
  faults_.end_all();
  // A fault that was met at the last moment, also by a slow disk or a stalled worker.
  pass(1500ms);
  faults_.end_all();
  if (!wait_for([this] { return all_ready(); }, healing_limit)) {
    history_.violation("not all members come back" + describe_all());
    return history_.check();
  }
  check_progress();
  check_final_state();
  check_trees();
  faults_.look_at_members();
  return history_.check();
}

std::string ensemble_world::describe_all() const {
  std::string who;
  for (const auto& one : clients_)
    who += "; " + one->client.describe();
  for (const auto& one : ensemble_.members) {
    who += "; " + one.server->host() + (one.server->running() ? " runs" : " is down ") +
           (one.server->ready() ? "" : ", not ready ") + one.server->failure();
  }
  return who;
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
  if (wait_for(made, healing_limit)) return;
  history_.violation("a client makes no progress after all healed" + describe_all());
}

void ensemble_world::check_final_state() {
  for (const auto& one : clients_)
    one->set_active(false);
  const auto quiet = [this] {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& one) { return one->client.pending() == 0; });
  };
  if (!wait_for(quiet, healing_limit)) history_.violation("a request is never answered");
  // One is never heard of again: its ephemeral nodes go once its session has expired, others stay.
  clients_.back()->client.abandon();
  simulation_.run_for(5s);
  auto& reader = clients_.front()->client;
  if (!wait_for([&] { return reader.usable(); }, healing_limit)) {
    history_.violation("a client does not get back in");
    return;
  }
  look_at_everything(simulation_, history_, reader);
}

void ensemble_world::check_trees() {
  const auto end = simulation_.now() + healing_limit;
  while (simulation_.now() < end) {
    watch_.inspect_all();
    simulation_.run_for(50ms);
    if (watch_.all_equal().value_or(false)) return;
  }
  history_.violation("the trees of the members do not become equal");
}

void ensemble_world::add_to(run_totals& totals) const {
  ++totals.seeds;
  totals.simulated += simulation_.now().since_start;
  totals.counts["writes"] += history_.writes();
  totals.counts["acknowledged writes"] += history_.acknowledged();
  totals.counts["linearizable reads"] += history_.registers().reads();
  totals.counts["elections"] += watch_.elections();
  for (const auto& [what, count] : faults_.counts())
    totals.counts["fault, " + what] += count;
}

}  // namespace troupe::test
