#include "core/min_cost_flow.hpp"

#include <algorithm>
#include <numeric>

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <troupe/base/check.hpp>

namespace scheduler {

namespace {

constexpr std::size_t most_flow_tasks = 256;
/// Bounds of one arc, so that no sum overflows: 256 × (10^9 × 256) × (10^5 + 1) < 2^63.
constexpr std::int64_t most_arc_cost = 1'000'000'000;

/// Tasks on the left, places on the right, one unit from each task to a place or to nowhere.
class matching {
public:
  explicit matching(std::size_t tasks)
      : nowhere_cost_(most_arc_cost * static_cast<std::int64_t>(std::max<std::size_t>(tasks, 1))) {
    source_ = graph_.addNode();
    sink_ = graph_.addNode();
    supply_ = static_cast<std::int64_t>(tasks);
  }

  lemon::SmartDigraph::Node add_task(importance matters) {
    const auto node = graph_.addNode();
    add(source_, node, 1, 0);
    add(node, sink_, 1, nowhere_cost_ * (1 + std::min(matters, most_importance)));
    return node;
  }
  lemon::SmartDigraph::Node add_place(std::uint32_t slots) {
    const auto node = graph_.addNode();
    add(node, sink_, slots, 0);
    return node;
  }
  std::size_t connect(lemon::SmartDigraph::Node task, lemon::SmartDigraph::Node place,
                      std::int64_t cost) {
    add(task, place, 1, std::clamp<std::int64_t>(cost, 0, most_arc_cost));
    return arcs_.size() - 1;
  }

  void solve() {
    lemon::SmartDigraph::ArcMap<std::int64_t> capacity(graph_), cost(graph_);
    for (const auto& one : arcs_) {
      capacity[one.which] = one.capacity;
      cost[one.which] = one.cost;
    }
    simplex_.emplace(graph_);
    simplex_->upperMap(capacity).costMap(cost).stSupply(source_, sink_, supply_);
    TROUPE_CHECK(simplex_->run() == simplex::OPTIMAL, "every task can go nowhere");
  }
  bool used(std::size_t number) const { return simplex_->flow(arcs_[number].which) > 0; }

private:
  using simplex = lemon::NetworkSimplex<lemon::SmartDigraph, std::int64_t, std::int64_t>;
  struct arc {
    lemon::SmartDigraph::Arc which;
    std::int64_t capacity, cost;
  };
  void add(lemon::SmartDigraph::Node from, lemon::SmartDigraph::Node to, std::int64_t capacity,
           std::int64_t cost) {
    arcs_.push_back({graph_.addArc(from, to), capacity, cost});
  }

  lemon::SmartDigraph graph_;
  lemon::SmartDigraph::Node source_, sink_;
  std::int64_t nowhere_cost_, supply_ = 0;
  std::vector<arc> arcs_;
  std::optional<simplex> simplex_;
};

bool has_labels(const open_task& task, const open_worker& worker) {
  return obstacle_to(task, worker) != obstacle::label;
}

/// The flow knows single tasks only; together they may need more of a resource than there is.
void drop_what_does_not_fit(const std::vector<open_task>& tasks,
                            const std::vector<open_worker>& workers, assignment& given) {
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return tasks[a].matters > tasks[b].matters;
  });
  auto now = workers;
  for (const auto task : order) {
    if (!given[task]) continue;
    if (obstacle_to(tasks[task], now[*given[task]]) == obstacle::none) {
      put(tasks[task], now[*given[task]]);
    } else {
      given[task].reset();
    }
  }
}

}  // namespace

std::optional<assignment> pair_by_flow(const std::vector<open_task>& tasks,
                                       const std::vector<open_worker>& workers,
                                       std::size_t most_arcs) {
  if (tasks.size() > most_flow_tasks) return std::nullopt;
  std::size_t places = 0;
  for (const auto& worker : workers)
    places += std::min<std::size_t>(worker.slots, tasks.size());
  if (places * tasks.size() > most_arcs) return std::nullopt;

  matching flow{tasks.size()};
  std::vector<lemon::SmartDigraph::Node> nodes;
  for (const auto& task : tasks)
    nodes.push_back(flow.add_task(task.matters));
  struct candidate {
    std::size_t arc, task, worker;
  };
  std::vector<candidate> candidates;
  const auto lightest = std::min_element(
      workers.begin(), workers.end(), [](const auto& a, const auto& b) { return a.load < b.load; });
  for (std::size_t j = 0; j < workers.size(); ++j) {
    const auto slots = std::min<std::size_t>(workers[j].slots, tasks.size());
    for (std::size_t k = 0; k < slots; ++k) {
      const auto place = flow.add_place(1);
      // A load that all have in common changes nothing, and might not fit.
      const auto load =
          workers[j].load - lightest->load + static_cast<std::int64_t>(k) * tasks.front().weight;
      for (std::size_t i = 0; i < tasks.size(); ++i)
        if (has_labels(tasks[i], workers[j])) {
          const auto cost = std::min(load, most_arc_cost / most_importance) * tasks[i].matters;
          candidates.push_back({flow.connect(nodes[i], place, cost), i, j});
        }
    }
  }
  flow.solve();
  assignment given(tasks.size());
  for (const auto& one : candidates)
    if (flow.used(one.arc)) given[one.task] = one.worker;
  return given;
}

assignment assign_by_cost(const std::vector<open_task>& tasks,
                          const std::vector<open_worker>& workers, const cost_matrix& cost) {
  TROUPE_CHECK(tasks.size() <= most_flow_tasks, "more tasks than a flow may have");
  matching flow{tasks.size()};
  std::vector<lemon::SmartDigraph::Node> left, right;
  for (const auto& task : tasks)
    left.push_back(flow.add_task(task.matters));
  for (const auto& worker : workers)
    right.push_back(flow.add_place(worker.slots));
  std::vector<std::vector<std::size_t>> arcs(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    for (std::size_t j = 0; j < workers.size(); ++j) {
      const bool fits = obstacle_to(tasks[i], workers[j]) == obstacle::none;
      arcs[i].push_back(fits ? flow.connect(left[i], right[j], cost(i, j)) : 0);
    }
  flow.solve();
  assignment given(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i)
    for (std::size_t j = 0; j < workers.size(); ++j)
      if (arcs[i][j] > 0 && flow.used(arcs[i][j])) given[i] = j;
  drop_what_does_not_fit(tasks, workers, given);
  return given;
}

}  // namespace scheduler
