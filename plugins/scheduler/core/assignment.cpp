#include "core/assignment.hpp"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

#include "core/min_cost_flow.hpp"

namespace scheduler {

namespace {

/// More per weight first; among equals the earlier one.
bool goes_before(const std::vector<open_task>& tasks, std::size_t a, std::size_t b) noexcept {
  const auto left = tasks[a].matters * tasks[b].weight, right = tasks[b].matters * tasks[a].weight;
  return left != right ? left > right : a < b;
}

std::vector<std::size_t> by_ratio(const std::vector<open_task>& tasks) {
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return goes_before(tasks, a, b); });
  return order;
}

bool equal_weights(const std::vector<open_task>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(),
                     [&](const auto& one) { return one.weight == tasks.front().weight; });
}

bool asks_for_nothing(const open_task& task) {
  return task.needs->needs.empty() && task.needs->labels.empty() && task.needs->apart.empty();
}

bool asks_for_labels_only(const open_task& task) {
  return task.needs->needs.empty() && task.needs->apart.empty();
}

}  // namespace

std::int64_t objective(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
                       const assignment& given) {
  std::vector<std::int64_t> load;
  for (const auto& worker : workers)
    load.push_back(worker.load);
  std::int64_t sum = 0;
  for (const auto task : by_ratio(tasks)) {
    if (!given[task]) continue;
    sum += tasks[task].matters * load[*given[task]];
    load[*given[task]] += tasks[task].weight;
  }
  return sum;
}

assignment pair_off(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers) {
  assignment given(tasks.size());
  if (tasks.empty()) return given;
  // The least load first; among equals the first worker.
  using place = std::tuple<std::int64_t, std::size_t, std::uint32_t>;
  std::priority_queue<place, std::vector<place>, std::greater<>> places;
  for (std::size_t i = 0; i < workers.size(); ++i)
    if (workers[i].slots > 0) places.emplace(workers[i].load, i, workers[i].slots);
  for (const auto task : by_ratio(tasks)) {
    if (places.empty()) break;
    const auto [load, worker, slots] = places.top();
    places.pop();
    given[task] = worker;
    if (slots > 1) places.emplace(load + tasks[task].weight, worker, slots - 1);
  }
  return given;
}

assignment greedy(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers) {
  assignment given(tasks.size());
  auto now = workers;
  for (const auto task : by_ratio(tasks)) {
    std::optional<std::size_t> best;
    std::pair<std::int64_t, std::int64_t> least{};
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (obstacle_to(tasks[task], now[i]) != obstacle::none) continue;
      const std::pair score{now[i].load, dominant_share(now[i])};
      if (!best || score < least) {
        best = i;
        least = score;
      }
    }
    given[task] = best;
    if (best) put(tasks[task], now[*best]);
  }
  return given;
}

assignment assign(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
                  const assignment_limits& limits) {
  if (tasks.empty() || workers.empty()) return assignment(tasks.size());
  if (equal_weights(tasks)) {
    if (std::all_of(tasks.begin(), tasks.end(), asks_for_nothing)) {
      return pair_off(tasks, workers);
    }
    if (std::all_of(tasks.begin(), tasks.end(), asks_for_labels_only)) {
      if (const auto exact = pair_by_flow(tasks, workers, limits.flow_arcs)) return *exact;
    }
  }
  auto given = greedy(tasks, workers);
  improve(tasks, workers, given, limits.steps);
  return given;
}

std::vector<alternative> explain(const std::vector<open_task>& tasks,
                                 const std::vector<open_worker>& workers, const assignment& given,
                                 std::size_t task, std::size_t most) {
  auto now = workers;
  std::vector<std::int64_t> found(workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i)
    found[i] = workers[i].load;
  for (std::size_t other = 0; other < tasks.size(); ++other) {
    if (other == task || !given[other]) continue;
    put(tasks[other], now[*given[other]]);
    if (goes_before(tasks, other, task)) found[*given[other]] += tasks[other].weight;
  }
  std::vector<alternative> all;
  for (std::size_t i = 0; i < workers.size(); ++i)
    all.push_back({i, tasks[task].matters * found[i], obstacle_to(tasks[task], now[i])});
  std::stable_sort(all.begin(), all.end(), [&](const alternative& a, const alternative& b) {
    const auto key = [&](const alternative& one) {
      return std::tuple{given[task] != one.worker, one.why_not != obstacle::none, one.score};
    };
    return key(a) < key(b);
  });
  if (all.size() > most) all.resize(std::max<std::size_t>(most, 1));
  return all;
}

bool worth_moving(const open_task& task, const open_worker& from, const open_worker& to,
                  std::int64_t cost) noexcept {
  if (obstacle_to(task, to) != obstacle::none) return false;
  const auto gain = task.matters * (from.load - task.weight - to.load);
  return gain > cost;
}

}  // namespace scheduler
