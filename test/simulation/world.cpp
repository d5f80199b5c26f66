#include "test/simulation/world.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"
#include "test/simulation/final_state.hpp"

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

constexpr auto deployment_text = R"(
troupe: 1
node: { id: 1, data_dir: data }
components:
  log:
    type: storage.wal
    first_segment_bytes: 8KiB
    segment_bytes: 16KiB
    snapshot_log_bytes: 64KiB
    snapshot_transactions: 200
    snapshots_kept: 2
    space_retry: 50ms
  tree:      { type: tree.znode }
  broadcast: { type: broadcast.local, epoch_transactions: 300 }
  sessions:  { type: session.replicated, tick: 100ms, timeout: { min: 1s, max: 10s } }
  clients:   { type: gateway.zookeeper, listen: "0.0.0.0:2181" }
)";

}  // namespace

const sdk::catalog& builtin_catalog() {
  static const auto types = [] {
    sdk::catalog made;
    register_builtin_types(made);
    return made;
  }();
  return types;
}

compose::plan crash_plan(const sdk::catalog& types, const std::vector<std::string>& changes) {
  auto loaded = compose::load_text(
      "simulation.yaml", deployment_text, changes,
      [](const std::string&) { return std::optional<std::string>{}; }, types);
  INFO(loaded.errors);
  REQUIRE(loaded.value);
  return *std::move(loaded.value);
}

const compose::plan& builtin_plan() {
  static const auto plan = crash_plan(builtin_catalog());
  return plan;
}

const std::vector<fault>& all_faults() {
  static const std::vector<fault> all{
      fault::none,          fault::power_loss,     fault::power_loss,    fault::power_loss_at,
      fault::power_loss_at, fault::broken_network, fault::clean_restart, fault::full_disk,
      fault::failing_sync,  fault::failing_write,  fault::clock_jump,    fault::bit_flip};
  return all;
}

crash_world::crash_world(std::uint64_t seed, world_options options)
    : simulation_(seed), options_(std::move(options)),
      plan_(options_.plan ? *options_.plan : builtin_plan()),
      server_(simulation_.add_server("server")) {
  // What the server has to say about its crashes would bury the test's own words.
  sdk::log::set_level(only_seed() ? sdk::log::level::info : sdk::log::level::none);
  for (int i = 0; i < options_.clients; ++i) {
    sim_client::settings how;
    how.number = i;
    clients_.push_back(std::make_unique<busy_client>(simulation_, history_, how));
    clients_.back()->start();
  }
}

crash_world::~crash_world() = default;

std::uint64_t crash_world::trace_hash() const {
  std::uint64_t hash = 0;
  for (const auto& one : clients_)
    hash = hash * 31 + one->client.trace_hash();
  return hash;
}

// ------------------------------------------------------------------- server

void crash_world::start_server() {
  if (server_.running()) return;
  if (options_.before_start) options_.before_start(server_);
  server_.start(plan_);
}

bool crash_world::wait_for(const std::function<bool()>& what, nanoseconds limit) {
  return simulation_.run_until(what, limit);
}

void crash_world::pass(nanoseconds length) {
  const auto end = simulation_.now() + length;
  wait_for([&] { return simulation_.now() >= end || server_.disk().process_is_gone(); },
           length + 1s);
}

void crash_world::stop_cleanly() {
  server_.stop();
  if (!wait_for([this] { return !server_.running(); }, 30s)) {
    history_.violation("the server does not stop");
    server_.crash();
  } else if (!server_.failure().empty()) {
    history_.violation("an orderly stop ended with: " + server_.failure());
  }
}

/// The server must have stopped by itself by now, and said why.
void crash_world::expect_end(const std::string& word) {
  if (server_.running()) return;  // the fault has not come up; it may in a later round
  if (server_.failure().find(word) == std::string::npos) {
    history_.violation("the server stopped without naming the " + word + ": '" + server_.failure() +
                       "'");
  }
}

void crash_world::flip_a_bit() {
  stop_cleanly();
  std::istringstream files{server_.disk().dump()};
  std::vector<std::pair<std::string, std::uint64_t>> found;
  std::string path;
  for (std::uint64_t size = 0; files >> path >> size;) {
    if (size > 0) found.emplace_back(path.substr(server_.host().size() + 1), size);
  }
  if (found.empty()) return;
  auto& random = simulation_.random();
  const auto& [victim, size] = found[random.below(found.size())];
  const auto offset = random.below(size);
  const auto bit = static_cast<unsigned>(random.below(8));
  server_.disk().flip_bit(victim, offset, bit);
  start_server();
  wait_for([this] { return server_.ready() || !server_.running(); }, 30s);
  if (server_.ready()) return;
  if (server_.running()) {
    history_.violation("the server neither starts nor stops with a damaged " + victim);
    server_.crash();
  } else if (server_.failure().find(server_.host() + "/") == std::string::npos) {
    // Which file it names may differ: damage to a segment's head shows at the end of the one
    // before.
    history_.violation("the server stopped without naming a file when " + victim +
                       " was damaged: '" + server_.failure() + "'");
  }
  // With the damage undone everything must be as before.
  server_.disk().flip_bit(victim, offset, bit);
}

// ------------------------------------------------------------------- a round

void crash_world::round(fault what, std::uint64_t at) {
  auto& random = simulation_.random();
  auto& disk = server_.disk();
  start_server();
  if (what == fault::power_loss_at) disk.crash_after_writes(at);
  const nanoseconds some{random.below(300'000'000)};
  switch (what) {
  case fault::none:
  case fault::power_loss:
  case fault::power_loss_at:
    break;
  case fault::broken_network:
    for (int i = 0; i < 5; ++i) {
      pass(some / 5);
      simulation_.network().break_one();
    }
    break;
  case fault::clean_restart:
    pass(some);
    stop_cleanly();
    break;
  case fault::full_disk:
    pass(some);
    disk.set_capacity(disk.used_bytes() + random.below(100'000));
    pass(400ms);
    disk.set_capacity(~std::uint64_t{0});
    break;
  case fault::failing_sync:
    disk.fail_sync_after(random.below(60));
    break;
  case fault::failing_write:
    disk.fail_write_after(random.below(80));
    break;
  case fault::clock_jump:
    server_.clock().jump_wall(
        milliseconds{static_cast<std::int64_t>(random.below(20'000'000)) - 10'000'000});
    break;
  case fault::bit_flip:
    pass(some);
    if (server_.ready()) flip_a_bit();
    break;
  }
  pass(some);
  if (what == fault::failing_sync) expect_end("sync");
  if (what == fault::failing_write) expect_end("write");
  const bool may_end = what == fault::failing_sync || what == fault::failing_write ||
                       what == fault::clean_restart || what == fault::bit_flip;
  if (!server_.running() && !may_end && !disk.process_is_gone()) {
    history_.violation("the server stopped by itself: " + server_.failure());
  }
  end_round(what);
}

/// Faults that were planned and have not come up are forgotten with the process.
void crash_world::end_round(fault what) {
  const bool ended = !server_.running();
  switch (what) {
  case fault::power_loss:
  case fault::power_loss_at:
    server_.crash();
    break;
  case fault::failing_sync:
  case fault::failing_write:
    // What such a server left may still be lost with the power, or not.
    if (!ended || simulation_.random().chance(1, 2)) server_.crash();
    break;
  default:
    break;
  }
}

std::vector<std::string> crash_world::run() {
  auto& random = simulation_.random();
  for (int i = 0; i < options_.rounds; ++i) {
    round(options_.faults[random.below(options_.faults.size())], random.below(150));
  }
  return finish();
}

// -------------------------------------------------------------------- the end

std::vector<std::string> crash_world::finish() {
  if (server_.running()) {
    // Faults planned for later never happen now.
    server_.crash();
  }
  start_server();
  if (!wait_for([this] { return server_.ready() || !server_.running(); }, 60s) ||
      !server_.ready()) {
    history_.violation("the server does not come back: " + server_.failure());
    return history_.check();
  }
  check_progress();
  check_final_state();
  return history_.check();
}

void crash_world::check_progress() {
  constexpr std::size_t enough = 15;
  std::vector<std::size_t> before;
  for (const auto& one : clients_)
    before.push_back(one->client.answers());
  const auto made = [&] {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (clients_[i]->client.answers() < before[i] + enough) return false;
    }
    return true;
  };
  if (wait_for([&] { return made() || !server_.running(); }, 60s) && made()) return;
  if (!server_.running()) {
    history_.violation("the server stopped by itself: " + server_.failure());
    return;
  }
  std::string who;
  for (const auto& one : clients_)
    who += "; " + one->client.describe();
  history_.violation("a client makes no progress after all healed" + who);
}

void crash_world::check_final_state() {
  for (const auto& one : clients_)
    one->set_active(false);
  const auto quiet = [this] {
    for (const auto& one : clients_) {
      if (one->client.pending() > 0) return false;
    }
    return true;
  };
  if (!wait_for(quiet, 60s)) history_.violation("a request is never answered");
  // One is never heard of again: its ephemeral nodes go once its session has expired, others stay.
  if (clients_.size() > 1) clients_.back()->client.abandon();
  simulation_.run_for(4s);
  auto& reader = clients_.front()->client;
  if (!wait_for([&] { return reader.usable(); }, 20s)) {
    history_.violation("a client does not get back in");
    return;
  }
  look_at_everything(simulation_, history_, reader);
}

}  // namespace troupe::test
