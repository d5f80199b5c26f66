#include "test/simulation/ensemble_faults.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::test {

using namespace std::chrono_literals;

ensemble_faults::ensemble_faults(testing::simulation& world, ensemble& all, ensemble_watch& watch,
                                 history& facts)
    : world_(world), all_(all), watch_(watch), facts_(facts) {
  for (const auto& one : kinds())
    counts_[one.name] = 0;
}

const std::vector<ensemble_faults::kind>& ensemble_faults::kinds() {
  using self = ensemble_faults;
  static const std::vector<kind> all{{"power cut", 5, &self::power_cut},
                                     {"power cut at a write", 4, &self::power_cut_at_a_write},
                                     {"power cut of all", 1, &self::power_cut_of_all},
                                     {"restart", 2, &self::restart},
                                     {"broken connections", 3, &self::broken_connections},
                                     {"partition", 4, &self::partition},
                                     {"one-way partition", 3, &self::one_way},
                                     {"leader alone", 3, &self::leader_alone},
                                     {"leader without clients", 1, &self::leader_without_clients},
                                     {"pause", 4, &self::pause},
                                     {"clock jump", 1, &self::clock_jump},
                                     {"moved host", 1, &self::moved_host},
                                     {"wrong name", 1, &self::wrong_name},
                                     {"slow disk", 3, &self::slow_disk},
                                     {"stalled workers", 1, &self::stalled_workers},
                                     {"write error", 1, &self::write_error},
                                     {"sync error", 1, &self::sync_error},
                                     {"full disk", 1, &self::full_disk},
                                     {"lost directory", 2, &self::lost_directory}};
  return all;
}

// ---------------------------------------------------------------- beginning and end

void ensemble_faults::begin_one() {
  unsigned sum = 0;
  for (const auto& one : kinds())
    sum += one.weight;
  auto at = world_.random().below(sum);
  for (const auto& one : kinds()) {
    if (at >= one.weight) {
      at -= one.weight;
      continue;
    }
    chosen_happened_ = true;
    (this->*one.begin)();
    if (chosen_happened_) ++counts_[one.name];
    return;
  }
}

void ensemble_faults::end_due() {
  // What one undoes may begin or end others.
  for (bool found = true; found;) {
    found = false;
    for (std::size_t i = 0; i < active_.size() && !found; ++i) {
      if (active_[i].until > world_.now()) continue;
      const auto undo = std::move(active_[i].undo);
      active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
      undo();
      found = true;
    }
  }
}

void ensemble_faults::end_all() {
  while (!active_.empty()) {
    const auto undo = std::move(active_.back().undo);
    active_.pop_back();
    undo();
  }
  for (auto& one : all_.members) {
    for (const auto& other : hosts_but(one))
      world_.network().heal(one.server->host(), other);
    resume(one);
    if (one.server->disk().process_is_gone()) crash(one);
    one.server->disk().crash_after_writes(~std::uint64_t{0});
    start(one);
  }
}

void ensemble_faults::for_a_while(std::uint64_t most_ms, std::function<void()> undo) {
  const auto length = 1ms * static_cast<std::int64_t>(1 + world_.random().below(most_ms));
  active_.push_back({world_.now() + length, std::move(undo)});
}

void ensemble_faults::look_at_members() {
  for (auto& one : all_.members) {
    if (one.server->disk().process_is_gone()) {
      crash(one);
      start_later(one, 1500);
    }
    if (one.lost_directory && ensemble::is_member(one)) one.lost_directory = false;
    if (one.stop_noted || one.server->running() || one.server->failure().empty()) continue;
    one.stop_noted = true;
    const auto why = one.server->failure();
    const bool expected = one.excuse && why.find(*one.excuse) != std::string::npos;
    const bool too_slow = one.slow && why.find("did not stop in time") != std::string::npos;
    if (!expected && !too_slow) {
      facts_.violation(one.server->host() + " stopped by itself: " + why);
    }
    // What such a server left may still be lost with the power, or not.
    if (world_.random().chance(1, 2)) crash(one);
    start_later(one, 1500);
  }
}

bool ensemble_faults::somebody_is_gone() const {
  return std::any_of(all_.members.begin(), all_.members.end(), [](const ensemble_member& one) {
    return one.server->disk().process_is_gone() ||
           (!one.stop_noted && !one.server->running() && !one.server->failure().empty());
  });
}

// ---------------------------------------------------------------- members

ensemble_member& ensemble_faults::somebody() {
  return all_.members[world_.random().below(all_.members.size())];
}

ensemble_member* ensemble_faults::leading() {
  const auto leader = watch_.leader();
  if (!leader) return nullptr;
  for (auto& one : all_.members) {
    if (one.id == *leader) return &one;
  }
  return nullptr;
}

ensemble_member& ensemble_faults::leader_or_somebody() {
  auto* const leader = leading();
  return leader && world_.random().chance(1, 2) ? *leader : somebody();
}

std::vector<std::string> ensemble_faults::hosts_but(const ensemble_member& who) const {
  std::vector<std::string> hosts = all_.client_hosts;
  for (const auto& one : all_.members) {
    if (one.id != who.id) hosts.push_back(one.server->host());
  }
  return hosts;
}

void ensemble_faults::start(ensemble_member& who) {
  if (who.server->running()) return;
  who.stop_noted = false;
  who.slow = false;
  ++who.starts;
  if (!who.full) who.excuse.reset();
  who.server->start(who.plan);
}

void ensemble_faults::start_later(ensemble_member& who, std::uint64_t most_ms) {
  for_a_while(most_ms, [this, &who] { start(who); });
}

void ensemble_faults::crash(ensemble_member& who) {
  if (who.server->paused()) watch_.resumed(who.id);
  who.server->crash();
}

void ensemble_faults::resume(ensemble_member& who) {
  if (!who.server->paused()) return;
  watch_.resumed(who.id);
  who.server->resume();
}

void ensemble_faults::power_cut() {
  auto& who = leader_or_somebody();
  crash(who);
  start_later(who, 2000);
}

void ensemble_faults::power_cut_at_a_write() {
  auto& who = leader_or_somebody();
  if (!who.server->running()) return void(chosen_happened_ = false);
  who.server->disk().crash_after_writes(world_.random().below(60));
}

void ensemble_faults::power_cut_of_all() {
  for (auto& one : all_.members) {
    crash(one);
    start_later(one, 800);
  }
}

void ensemble_faults::restart() {
  auto& who = leader_or_somebody();
  if (!who.server->ready() || who.server->paused()) return void(chosen_happened_ = false);
  who.server->stop();
  for_a_while(1500, [this, &who, stopped = who.starts] {
    if (who.starts != stopped) return;  // another fault has ended it, and it was started again
    resume(who);
    const auto over = [&who] {
      return !who.server->running() || who.server->disk().process_is_gone();
    };
    if (!world_.run_until(over, 30s)) {
      facts_.violation(who.server->host() + " does not stop");
      crash(who);
    }
    look_at_members();
    start(who);
  });
}

void ensemble_faults::pause() {
  auto& who = leader_or_somebody();
  if (!who.server->running() || who.server->paused()) return void(chosen_happened_ = false);
  who.server->pause();
  watch_.paused(who.id);
  for_a_while(world_.random().chance(1, 2) ? 600 : 3500, [this, &who] { resume(who); });
}

void ensemble_faults::clock_jump() {
  const auto by = static_cast<std::int64_t>(world_.random().below(20'000'000)) - 10'000'000;
  somebody().server->clock().jump_wall(milliseconds{by});
}

// ---------------------------------------------------------------- network

void ensemble_faults::broken_connections() {
  for (auto left = 1 + world_.random().below(8); left > 0; --left)
    world_.network().break_one();
}

void ensemble_faults::cut_off(const std::string& one, const std::vector<std::string>& others) {
  for (const auto& other : others)
    world_.network().part(one, other);
  for_a_while(4000, [this, one, others] {
    for (const auto& other : others)
      world_.network().heal(one, other);
  });
}

void ensemble_faults::partition() {
  std::vector<std::string> here, there;
  for (const auto& one : all_.members)
    (world_.random().chance(1, 2) ? here : there).push_back(one.server->host());
  for (const auto& one : all_.client_hosts)
    if (world_.random().chance(1, 2)) (world_.random().chance(1, 2) ? here : there).push_back(one);
  for (const auto& one : here)
    for (const auto& other : there)
      world_.network().part(one, other);
  for_a_while(4000, [this, here, there] {
    for (const auto& one : here)
      for (const auto& other : there)
        world_.network().heal(one, other);
  });
}

void ensemble_faults::one_way() {
  const auto& who = leader_or_somebody();
  const auto mine = who.server->host();
  const bool outwards = world_.random().chance(1, 2);
  const bool one_only = world_.random().chance(1, 2);
  auto others = hosts_but(who);
  if (one_only) others = {others[world_.random().below(others.size())]};
  for (const auto& other : others) {
    if (outwards) {
      world_.network().cut(mine, other);
    } else {
      world_.network().cut(other, mine);
    }
  }
  for_a_while(4000, [this, mine, others] {
    for (const auto& other : others)
      world_.network().heal(mine, other);
  });
}

/// The clients still reach it.
void ensemble_faults::leader_alone() {
  const auto* const leader = leading();
  if (!leader) return void(chosen_happened_ = false);
  auto others = hosts_but(*leader);
  others.erase(others.begin(),
               others.begin() + static_cast<std::ptrdiff_t>(all_.client_hosts.size()));
  cut_off(leader->server->host(), others);
}

void ensemble_faults::leader_without_clients() {
  const auto* const leader = leading();
  if (!leader) return void(chosen_happened_ = false);
  cut_off(leader->server->host(), all_.client_hosts);
}

void ensemble_faults::moved_host() {
  auto& who = somebody();
  crash(who);
  who.server->move_to("host" + std::to_string(who.id.value) + "-" + std::to_string(++who.moves));
  world_.network().rename(who.name, who.server->host());
  start_later(who, 1000);
}

/// For a while its name means another member, who must not take what was meant for it.
void ensemble_faults::wrong_name() {
  auto& who = somebody();
  world_.network().rename(who.name, somebody().server->host());
  for (const auto& one : all_.members)
    watch_.lags_now(one.id);  // nobody knows who answers whom
  for_a_while(2000, [this, &who] { world_.network().rename(who.name, who.server->host()); });
}

// ---------------------------------------------------------------- disks

void ensemble_faults::slow_disk() {
  auto& who = leader_or_somebody();
  who.slow = true;
  who.server->slow_workers(1ms * static_cast<std::int64_t>(20 + world_.random().below(400)));
  for_a_while(2500, [this, &who] { end_slowness(who); });
  watch_.lags_now(who.id);
}

void ensemble_faults::stalled_workers() {
  auto& who = leader_or_somebody();
  who.slow = true;
  who.server->slow_workers(5s);
  for_a_while(1500, [this, &who] { end_slowness(who); });
  watch_.lags_now(who.id);
}

void ensemble_faults::end_slowness(ensemble_member& who) {
  who.server->slow_workers(0ns);
  watch_.lags_now(who.id);
}

void ensemble_faults::disk_error(ensemble_member& who, const char* word) {
  who.excuse = word;
  for_a_while(2500, [this, &who] {
    // What was planned and has not come up is forgotten with the process.
    crash(who);
    start(who);
  });
}

void ensemble_faults::write_error() {
  auto& who = leader_or_somebody();
  if (!who.server->running() || who.excuse) return void(chosen_happened_ = false);
  who.server->disk().fail_write_after(world_.random().below(60));
  disk_error(who, "write");
}

void ensemble_faults::sync_error() {
  auto& who = leader_or_somebody();
  if (!who.server->running() || who.excuse) return void(chosen_happened_ = false);
  who.server->disk().fail_sync_after(world_.random().below(40));
  disk_error(who, "sync");
}

void ensemble_faults::full_disk() {
  auto& who = leader_or_somebody();
  if (!who.server->running() || who.excuse) return void(chosen_happened_ = false);
  auto& disk = who.server->disk();
  disk.set_capacity(disk.used_bytes() + world_.random().below(60'000));
  who.excuse = "space";
  who.full = true;
  for_a_while(2500, [&who] {
    who.server->disk().set_capacity(~std::uint64_t{0});
    who.full = false;
  });
}

void ensemble_faults::lost_directory() {
  const bool all_count = std::all_of(all_.members.begin(), all_.members.end(), [](const auto& one) {
    return !one.lost_directory && ensemble::is_member(one);
  });
  auto& who = somebody();
  if (!all_count) return void(chosen_happened_ = false);
  crash(who);
  who.server->disk().wipe();
  who.lost_directory = true;
  start_later(who, 1500);
}

}  // namespace troupe::test
