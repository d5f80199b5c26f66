/// The case of the logistics centres: 200 parcels of three priorities, four centres. One dies, one
/// sleeps for longer than its session.

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "core/assignment.hpp"
#include "desk.hpp"

using namespace scheduler;
using scheduler_tests::desk;
using scheduler_tests::job;
using scheduler_tests::task;

namespace {

struct parcel {
  task_name name;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
};

struct centres : desk {
  centres() {
    job_definition what = job("parcels", {});
    for (int i = 0; i < 200; ++i) {
      what.tasks.push_back(task("p" + std::to_string(i)));
      what.tasks.back().priority = i % 3;
      what.tasks.back().limits.heartbeat = 30'000;
    }
    decide([&](book& with) { define_job(with, what); });
    decide([&](book& with) { request_run(with, {"parcels", "today", ""}); });
    for (std::uint64_t i = 1; i <= 4; ++i)
      worker("centre" + std::to_string(i), i, "slots: 10");
  }

  /// What a centre finds in its inbox.
  std::vector<parcel> inbox(const std::string& centre) {
    std::vector<parcel> found;
    for (const auto& entry : tree.below("/tasks/eu/inbox/" + centre)) {
      const auto now = record(*task_of(entry));
      found.push_back({*task_of(entry), now.attempt, now.fence});
    }
    return found;
  }
  hearing deliver(const std::string& centre, const parcel& what) {
    return decide([&](book& with) {
      return complete(with, what.name, {centre, what.attempt, what.fence}, centre, {});
    });
  }
};

TEST_CASE("all parcels are delivered once, no late one is accepted, each can be explained",
          "[parcels]") {
  centres f;
  std::map<std::string, int> delivered;
  std::vector<parcel> slept_over, burnt;
  for (int round = 0; round < 100 && f.run("parcels", "k-today").over < 200; ++round) {
    while (f.assign().given_out > 0) {
    }
    if (round == 2) {  // a centre burns down, another one falls asleep
      burnt = f.inbox("centre1");
      slept_over = f.inbox("centre2");
      CHECK((burnt.size() == 10 && slept_over.size() == 10));
      f.tree.end_session(1);
      f.tree.end_session(2);
      for (const char* centre : {"centre1", "centre2"})
        f.decide([&](book& with) { sweep(with, centre, 100); });
    }
    for (const char* centre : {"centre1", "centre2", "centre3", "centre4"}) {
      if (!f.tree.has(std::string{"/tasks/eu/workers/"} + centre)) continue;
      for (const auto& one : f.inbox(centre))
        if (f.deliver(centre, one) == hearing::accepted) ++delivered[one.name.task];
    }
    f.pass(4'000);
    f.tick();
    if (round == 6) {  // it wakes up, long after its grace, and believes that nothing happened
      for (const auto& one : slept_over)
        CHECK(f.deliver("centre2", one) == hearing::stale);
      f.worker("centre2", 5, "slots: 10");
    }
  }
  CHECK(delivered.size() == 200);
  CHECK(std::all_of(delivered.begin(), delivered.end(), [](auto& one) { return one.second == 1; }));
  CHECK(f.run("parcels", "k-today").state == run_state::succeeded);
  for (const auto& [name, times] : delivered) {
    const auto done = f.record({"parcels", "k-today", name});
    CHECK_FALSE(done.attempts.back().explanation.empty());
    CHECK(done.result == done.attempts.back().worker);
  }
  for (const auto& one : burnt)
    CHECK(f.record(one.name).attempts.size() == 2);
}

TEST_CASE("200 parcels for four centres: the objective is that of the best assignment",
          "[parcels]") {
  const demand nothing;
  std::vector<open_task> parcels;
  for (int i = 0; i < 200; ++i)
    parcels.push_back({100 * (1 + i % 3), 1, &nothing});
  std::vector<open_worker> all(4);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].slots = 60;
    all[i].load = static_cast<std::int64_t>(7 * i);
  }
  // By the rearrangement inequality: the largest importance with the least load, and so on.
  std::vector<std::int64_t> loads, importances;
  for (const auto& one : all)
    for (std::int64_t k = 0; k < one.slots; ++k)
      loads.push_back(one.load + k);
  for (const auto& one : parcels)
    importances.push_back(one.matters);
  std::sort(loads.begin(), loads.end());
  std::sort(importances.rbegin(), importances.rend());
  std::int64_t best = 0;
  for (std::size_t i = 0; i < importances.size(); ++i)
    best += importances[i] * loads[i];
  CHECK(objective(parcels, all, assign(parcels, all)) == best);
  // What every other way of assigning begins with comes within five percent as well.
  auto improved = greedy(parcels, all);
  improve(parcels, all, improved, 100'000);
  CHECK(objective(parcels, all, improved) * 100 <= best * 105);
}

}  // namespace
