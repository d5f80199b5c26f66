#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <list>

#include "core/assignment.hpp"
#include "core/min_cost_flow.hpp"

using namespace scheduler;

namespace {

/// Tasks and workers from chance; what tasks ask for lives here.
struct problem {
  std::vector<open_task> tasks;
  std::vector<open_worker> workers;
  std::list<demand> demands;
};

struct shape {
  std::size_t most_tasks = 7, most_workers = 4;
  bool weights = false, labels = false, everything = false;
  std::uint32_t least_slots = 0, most_slots = 4;
};

problem arbitrary(const shape& form) {
  problem made;
  const std::vector<std::string> labels = {"cold", "gpu"};
  const auto workers = *rc::gen::inRange<std::size_t>(1, form.most_workers + 1);
  for (std::size_t i = 0; i < workers; ++i) {
    open_worker worker;
    worker.id = "w" + std::to_string(i);
    worker.slots = *rc::gen::inRange(form.least_slots, form.most_slots + 1);
    worker.load = *rc::gen::inRange(0, 6);
    worker.capacity["cpu"] = *rc::gen::inRange(0, 8);
    for (const auto& label : labels)
      if (*rc::gen::arbitrary<bool>()) worker.labels.insert(label);
    made.workers.push_back(std::move(worker));
  }
  const auto tasks = *rc::gen::inRange<std::size_t>(0, form.most_tasks + 1);
  for (std::size_t i = 0; i < tasks; ++i) {
    auto& needs = made.demands.emplace_back();
    if ((form.labels || form.everything) && *rc::gen::arbitrary<bool>()) {
      needs.labels.push_back(*rc::gen::elementOf(labels));
    }
    if (form.everything) {
      if (*rc::gen::arbitrary<bool>()) needs.needs["cpu"] = *rc::gen::inRange(0, 4);
      if (*rc::gen::inRange(0, 3) == 0) needs.apart = "a";
    }
    const auto weight = form.weights ? *rc::gen::inRange<std::uint32_t>(1, 5) : 1U;
    made.tasks.push_back({100 * *rc::gen::inRange<importance>(1, 6), weight, &needs});
  }
  return made;
}

bool is_possible(const problem& what, const assignment& given) {
  auto now = what.workers;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!given[i]) continue;
    if (obstacle_to(what.tasks[i], now.at(*given[i])) != obstacle::none) return false;
    put(what.tasks[i], now[*given[i]]);
  }
  return true;
}

std::int64_t placed_importance(const problem& what, const assignment& given) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i]) sum += 1 + what.tasks[i].matters;
  return sum;
}

/// The most importance placed, and the least objective with that, by trying everything.
template <class Cost>
std::pair<std::int64_t, std::int64_t> by_brute_force(const problem& what, Cost cost) {
  std::pair<std::int64_t, std::int64_t> best{-1, 0};
  assignment given(what.tasks.size());
  const auto try_all = [&](auto&& self, std::size_t task, std::vector<open_worker> now) -> void {
    if (task == given.size()) {
      const std::pair found{placed_importance(what, given), -cost(given)};
      best = std::max(best, found);
      return;
    }
    given[task].reset();
    self(self, task + 1, now);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (obstacle_to(what.tasks[task], now[i]) != obstacle::none) continue;
      auto next = now;
      put(what.tasks[task], next[i]);
      given[task] = i;
      self(self, task + 1, std::move(next));
    }
    given[task].reset();
  };
  try_all(try_all, 0, what.workers);
  return {best.first, -best.second};
}

auto by_objective(const problem& what) {
  return [&what](const assignment& given) { return objective(what.tasks, what.workers, given); };
}

TEST_CASE("equal weights: as good as trying everything, up to 7 tasks and 4 workers", "[assign]") {
  CHECK(rc::check([] {
    const auto what = arbitrary({});
    const auto given = assign(what.tasks, what.workers);
    RC_ASSERT(is_possible(what, given));
    const auto best = by_brute_force(what, by_objective(what));
    RC_ASSERT(placed_importance(what, given) == best.first);
    RC_ASSERT(objective(what.tasks, what.workers, given) == best.second);
  }));
}

TEST_CASE("equal weights and labels: as good as trying everything", "[assign]") {
  CHECK(rc::check([] {
    const auto what = arbitrary({.most_tasks = 6, .labels = true});
    const auto given = assign(what.tasks, what.workers);
    RC_ASSERT(is_possible(what, given));
    const auto best = by_brute_force(what, by_objective(what));
    RC_ASSERT(placed_importance(what, given) == best.first);
    RC_ASSERT(objective(what.tasks, what.workers, given) == best.second);
  }));
}

TEST_CASE("a cost matrix: as good as trying everything", "[assign]") {
  CHECK(rc::check([] {
    const auto what = arbitrary({.most_tasks = 6, .labels = true});
    const auto costs = *rc::gen::container<std::vector<int>>(
        what.tasks.size() * what.workers.size(), rc::gen::inRange(0, 50));
    const auto cost = [&](std::size_t task, std::size_t worker) -> std::int64_t {
      return costs[task * what.workers.size() + worker];
    };
    const auto total = [&](const assignment& given) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < given.size(); ++i)
        if (given[i]) sum += cost(i, *given[i]);
      return sum;
    };
    const auto given = assign_by_cost(what.tasks, what.workers, cost);
    RC_ASSERT(is_possible(what, given));
    const auto best = by_brute_force(what, total);
    RC_ASSERT(placed_importance(what, given) == best.first);
    RC_ASSERT(total(given) == best.second);
  }));
}

TEST_CASE("another worker never makes it worse", "[assign]") {
  CHECK(rc::check([] {
    auto what = arbitrary({.most_tasks = 30, .most_workers = 6});
    const auto before = assign(what.tasks, what.workers);
    const auto was = objective(what.tasks, what.workers, before);
    open_worker more;
    more.slots = *rc::gen::inRange(1U, 10U);
    more.load = *rc::gen::inRange(0, 20);
    what.workers.push_back(more);
    const auto after = assign(what.tasks, what.workers);
    RC_ASSERT(placed_importance(what, after) >= placed_importance(what, before));
    // With more tasks placed than before, the sums cannot be compared.
    if (placed_importance(what, after) > placed_importance(what, before)) return;
    RC_ASSERT(objective(what.tasks, what.workers, after) <= was);
  }));
}

TEST_CASE("equal tasks on equal workers are spread evenly", "[assign]") {
  CHECK(rc::check([] {
    const auto workers = *rc::gen::inRange<std::size_t>(1, 9);
    const auto tasks = *rc::gen::inRange<std::size_t>(0, 60);
    const demand nothing;
    std::vector<open_worker> all(workers);
    for (auto& one : all)
      one.slots = 100;
    std::vector<std::size_t> counts(workers);
    for (const auto& one : assign(std::vector<open_task>(tasks, {300, 1, &nothing}), all))
      ++counts.at(one.value());
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    RC_ASSERT(*most - *least <= 1);
  }));
}

TEST_CASE("what matters more is never on a busier worker than what it could swap with",
          "[assign]") {
  CHECK(rc::check([] {
    const auto what = arbitrary({.most_tasks = 12, .most_workers = 5, .labels = true});
    const auto given = assign(what.tasks, what.workers);
    const auto now = objective(what.tasks, what.workers, given);
    for (std::size_t i = 0; i < given.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!given[i] || !given[j] || given[i] == given[j]) continue;
        auto swapped = given;
        std::swap(swapped[i], swapped[j]);
        if (is_possible(what, swapped)) {
          RC_ASSERT(objective(what.tasks, what.workers, swapped) >= now);
        }
      }
    }
  }));
}

TEST_CASE("weights, resources and all: possible, complete, better than greedy, near the best",
          "[assign]") {
  std::int64_t reached = 0, best = 0;
  const bool held = rc::check([&] {
    const auto what = arbitrary({.most_tasks = 6, .weights = true, .everything = true});
    const auto given = assign(what.tasks, what.workers);
    RC_ASSERT(is_possible(what, given));
    const auto simple = greedy(what.tasks, what.workers);
    RC_ASSERT(objective(what.tasks, what.workers, given) <=
              objective(what.tasks, what.workers, simple));
    auto now = what.workers;
    for (std::size_t i = 0; i < given.size(); ++i)
      if (given[i]) put(what.tasks[i], now[*given[i]]);
    // Of this many tasks all have a place, so the objectives compare.
    const bool all = std::all_of(given.begin(), given.end(), [](auto& one) { return one; });
    if (!all) return;
    const auto found = by_brute_force(what, by_objective(what));
    reached += objective(what.tasks, what.workers, given);
    best += found.second;
  });
  CHECK(held);
  CHECK(reached >= best);
  CHECK(reached * 100 <= best * 105);
}

TEST_CASE("who is left fits nowhere, and improvement ends within its steps", "[assign]") {
  CHECK(rc::check([] {
    const auto what =
        arbitrary({.most_tasks = 40, .most_workers = 8, .weights = true, .everything = true});
    auto given = greedy(what.tasks, what.workers);
    const auto was = objective(what.tasks, what.workers, given);
    auto now = what.workers;
    for (std::size_t i = 0; i < given.size(); ++i)
      if (given[i]) put(what.tasks[i], now[*given[i]]);
    for (std::size_t i = 0; i < given.size(); ++i)
      for (const auto& worker : now)
        if (!given[i]) RC_ASSERT(obstacle_to(what.tasks[i], worker) != obstacle::none);
    improve(what.tasks, what.workers, given, *rc::gen::inRange<std::size_t>(0, 500));
    RC_ASSERT(is_possible(what, given));
    RC_ASSERT(objective(what.tasks, what.workers, given) <= was);
  }));
}

TEST_CASE("an assignment is explained: the chosen worker, and what the others would cost",
          "[assign]") {
  const demand any, cold{{}, {"cold"}, "", ""};
  const std::vector<open_task> tasks = {{500, 1, &any}, {300, 1, &cold}};
  std::vector<open_worker> workers(3);
  for (auto& one : workers)
    one.slots = 2;
  workers[0].load = 1;
  workers[1].load = 4;
  workers[1].labels = {"cold"};
  const auto given = assign(tasks, workers);
  CHECK(given == assignment{2, 1});
  const auto first = explain(tasks, workers, given, 0, 10);
  REQUIRE(first.size() == 3);
  CHECK((first[0].worker == 2 && first[0].score == 0));
  CHECK((first[1].worker == 0 && first[1].score == 500));
  CHECK((first[2].worker == 1 && first[2].score == 2000));
  const auto second = explain(tasks, workers, given, 1, 2);
  REQUIRE(second.size() == 2);
  CHECK((second[0].worker == 1 && second[0].score == 1200));
  CHECK(second[1].why_not == obstacle::label);
}

TEST_CASE("importance grows with waiting, and has an end", "[assign]") {
  const ageing rules{100, 60'000};
  CHECK(importance_of(0, 0, rules) == 100);
  CHECK(importance_of(9, 0, rules) == 1000);
  CHECK(importance_of(0, 600'000, rules) > importance_of(9, 0, rules));
  CHECK(importance_of(9, std::numeric_limits<duration>::max(), rules) == most_importance);
  CHECK(importance_of(3, 600'000, {100, 0}) == 400);
  CHECK(importance_of(3, -5, rules) == 400);
}

TEST_CASE("a task moves only if that is worth it", "[assign]") {
  const demand any, cold{{}, {"cold"}, "", ""};
  open_worker from, to;
  from.load = 5;
  to.slots = 1;
  to.load = 1;
  CHECK(worth_moving({100, 1, &any}, from, to, 299));
  CHECK_FALSE(worth_moving({100, 1, &any}, from, to, 300));
  CHECK_FALSE(worth_moving({100, 1, &cold}, from, to, 0));
}

}  // namespace
