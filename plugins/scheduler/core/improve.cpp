/// Local search.

#include <algorithm>

#include "core/assignment.hpp"

namespace scheduler {

namespace {

/// An assignment with the workers as they are with it.
class local_search {
public:
  local_search(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
               assignment& given, std::size_t steps)
      : tasks_(tasks), given_(given), steps_(steps), now_(workers), on_(workers.size()) {
    for (const auto& worker : workers)
      first_load_.push_back(worker.load);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (!given[i]) continue;
      put(tasks[i], now_[*given[i]]);
      on_[*given[i]].push_back(i);
    }
  }

  void run() {
    for (bool better = true; better && steps_ > 0;) {
      better = false;
      for (std::size_t i = 0; i < tasks_.size() && steps_ > 0; ++i)
        if (given_[i]) better = move_away(i) || swap_with_later(i) || better;
    }
  }

private:
  bool move_away(std::size_t task) {
    for (std::size_t to = 0; to < now_.size() && steps_ > 0; ++to) {
      if (to == *given_[task]) continue;
      --steps_;
      if (try_to({{task, to}})) return true;
    }
    return false;
  }

  bool swap_with_later(std::size_t task) {
    for (std::size_t other = task + 1; other < tasks_.size() && steps_ > 0; ++other) {
      if (!given_[other] || *given_[other] == *given_[task]) continue;
      --steps_;
      if (try_to({{task, *given_[other]}, {other, *given_[task]}})) return true;
    }
    return false;
  }

  struct change {
    std::size_t task, to;
  };

  /// Does it if everybody fits and it is better; otherwise nothing is changed.
  bool try_to(const std::vector<change>& changes) {
    const auto from = *given_[changes.front().task], to = changes.front().to;
    const auto before = cost_of(from) + cost_of(to);
    std::vector<change> back;
    for (const auto& one : changes) {
      back.push_back({one.task, *given_[one.task]});
      leave(one.task);
    }
    std::size_t done = 0;
    while (done < changes.size() && enter(changes[done]))
      ++done;
    if (done == changes.size() && cost_of(from) + cost_of(to) < before) return true;
    for (std::size_t i = 0; i < done; ++i)
      leave(changes[i].task);
    for (const auto& one : back)
      enter(one);
    return false;
  }

  void leave(std::size_t task) {
    const auto worker = *given_[task];
    take(tasks_[task], now_[worker]);
    std::erase(on_[worker], task);
  }

  bool enter(const change& what) {
    if (obstacle_to(tasks_[what.task], now_[what.to]) != obstacle::none) return false;
    put(tasks_[what.task], now_[what.to]);
    on_[what.to].push_back(what.task);
    given_[what.task] = what.to;
    return true;
  }

  /// What the tasks on one worker add to the objective.
  std::int64_t cost_of(std::size_t worker) {
    auto& list = on_[worker];
    std::sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
      const auto left = tasks_[a].matters * tasks_[b].weight;
      const auto right = tasks_[b].matters * tasks_[a].weight;
      return left != right ? left > right : a < b;
    });
    std::int64_t sum = 0, load = first_load_[worker];
    for (const auto task : list) {
      sum += tasks_[task].matters * load;
      load += tasks_[task].weight;
    }
    return sum;
  }

  const std::vector<open_task>& tasks_;
  assignment& given_;
  std::size_t steps_;
  std::vector<open_worker> now_;
  std::vector<std::vector<std::size_t>> on_;
  std::vector<std::int64_t> first_load_;
};

}  // namespace

void improve(const std::vector<open_task>& tasks, const std::vector<open_worker>& workers,
             assignment& given, std::size_t steps) {
  local_search{tasks, workers, given, steps}.run();
}

}  // namespace scheduler
