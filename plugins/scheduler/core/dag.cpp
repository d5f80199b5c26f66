#include "core/dag.hpp"

#include <algorithm>
#include <map>

namespace scheduler {

std::vector<std::vector<std::uint32_t>> downstream_of(const std::vector<task_definition>& tasks) {
  std::map<std::string_view, std::uint32_t> number;
  for (std::uint32_t i = 0; i < tasks.size(); ++i)
    number[tasks[i].name] = i;
  std::vector<std::vector<std::uint32_t>> result(tasks.size());
  for (std::uint32_t i = 0; i < tasks.size(); ++i)
    for (const auto& before : tasks[i].upstream)
      result[number.at(before)].push_back(i);
  return result;
}

std::optional<std::vector<std::string>> find_cycle(const std::vector<task_definition>& tasks) {
  const auto downstream = downstream_of(tasks);
  // Takes away what has nothing before it, until only cycles and what is behind them are left.
  std::vector<std::size_t> before(tasks.size());
  std::vector<std::uint32_t> free;
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    before[i] = tasks[i].upstream.size();
    if (before[i] == 0) free.push_back(i);
  }
  while (!free.empty()) {
    const auto one = free.back();
    free.pop_back();
    for (const auto next : downstream[one])
      if (--before[next] == 0) free.push_back(next);
  }
  const auto left = std::find_if(before.begin(), before.end(), [](auto n) { return n > 0; });
  if (left == before.end()) return std::nullopt;

  // Each of those has another one of them before it: going back leads into a cycle.
  std::map<std::string_view, std::uint32_t> number;
  for (std::uint32_t i = 0; i < tasks.size(); ++i)
    number[tasks[i].name] = i;
  std::vector<std::uint32_t> path;
  auto now = static_cast<std::uint32_t>(left - before.begin());
  while (std::find(path.begin(), path.end(), now) == path.end()) {
    path.push_back(now);
    for (const auto& name : tasks[now].upstream) {
      if (before[number.at(name)] == 0) continue;
      now = number.at(name);
      break;
    }
  }
  std::vector<std::string> cycle{tasks[now].name};
  for (auto i = path.size(); i-- > 0 && path[i] != now;)
    cycle.push_back(tasks[path[i]].name);
  cycle.push_back(tasks[now].name);
  return cycle;
}

}  // namespace scheduler
