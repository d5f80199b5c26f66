#include "test/simulation/workload.hpp"

#include <set>
#include <utility>

namespace troupe::test {
namespace {

constexpr std::size_t most_pending = 12;

}  // namespace

busy_client::busy_client(testing::simulation& world, history& facts, sim_client::settings how)
    : client(world, facts, how), world_(world), random_(world.random().fork()),
      mark_("c" + std::to_string(how.number)) {}

void busy_client::start() {
  client.start();
  turn();
}

void busy_client::turn() {
  timer_ =
      world_.timers().after(nanoseconds{500'000 + random_.below(15'000'000)}, [this] { turn(); });
  if (!active_ || !client.usable() || client.pending() >= most_pending) return;
  if (only_reads_) {
    for (auto left = 1 + random_.below(5); left > 0; --left)
      read_something();
    return;
  }
  if (prepared_ != client.session()) {
    prepared_ = client.session();
    client.create("/d", fresh_data(), sim_client::plain);
  }
  for (auto left = 1 + random_.below(5); left > 0; --left) {
    if (random_.chance(3, 5)) {
      write_something();
    } else {
      read_something();
    }
  }
  if (random_.chance(1, 150)) client.close();
}

std::string busy_client::some_path() {
  const auto k = std::to_string(random_.below(4));
  return random_.chance(1, 2) ? "/own-" + mark_ + "-" + k : "/shared-" + k;
}

std::string busy_client::fresh_data() {
  auto data = mark_ + "#" + std::to_string(next_data_++) + ".";
  data.append(random_.chance(1, 10) ? random_.below(3000) : random_.below(60), 'x');
  return data;
}

void busy_client::write_something() {
  const auto path = some_path();
  switch (random_.below(12)) {
  case 0:
  case 1:
  case 2:
    client.create(path, fresh_data(), sim_client::plain);
    break;
  case 3:
  case 4:
  case 5:
  case 6:
    client.set(path, fresh_data());
    break;
  case 7:
    client.remove(path);
    break;
  case 8:
    multi();
    break;
  case 9:
    client.create("/d/n-", fresh_data(),
                  sim_client::sequential |
                      (random_.chance(1, 2) ? sim_client::ephemeral : sim_client::plain));
    break;
  case 10:
    client.create("/d/e" + std::to_string(random_.below(4)), fresh_data(), sim_client::ephemeral);
    break;
  default:
    remove_old();
    break;
  }
}

void busy_client::multi() {
  std::set<std::string> paths;
  const auto count = 1 + random_.below(4);
  while (paths.size() < count)
    paths.insert(some_path());
  std::vector<effect> parts;
  for (const auto& path : paths) {
    const auto kind = static_cast<effect::kind_t>(random_.below(3));
    parts.push_back({kind, path, kind == effect::remove ? std::string{} : fresh_data(), false, {}});
  }
  client.multi(std::move(parts));
}

void busy_client::remove_old() {
  if (listed_.empty()) return;
  client.remove("/d/" + listed_[random_.below(listed_.size())]);
}

void busy_client::read_something() {
  const bool watch = random_.chance(1, 2);
  switch (random_.below(5)) {
  case 0:
    client.exists(some_path(), watch);
    break;
  case 1:
  case 2:
    client.get(some_path(), watch);
    break;
  case 3:
    client.children("/d", watch, [this](const answer& a) {
      if (a.error == 0) listed_ = a.names;
    });
    break;
  default:
    if (!only_reads_) client.sync("/");
    break;
  }
}

}  // namespace troupe::test
