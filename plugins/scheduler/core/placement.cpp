#include "core/placement.hpp"

#include <algorithm>

namespace scheduler {

namespace {

std::int64_t amount(const resources& of, const std::string& name) noexcept {
  const auto found = of.find(name);
  return found == of.end() ? 0 : found->second;
}

}  // namespace

importance importance_of(std::int32_t priority, duration waited, const ageing& rules) noexcept {
  importance result = 100 * (importance{priority} - least_priority + 1);
  if (rules.period > 0 && waited > 0) {
    const auto most_waited = most_importance / std::max<importance>(rules.gain, 1) * rules.period;
    result += std::min(waited, most_waited) * rules.gain / rules.period;
  }
  return std::clamp<importance>(result, 1, most_importance);
}

std::string_view to_string(obstacle what) noexcept {
  switch (what) {
  case obstacle::none:
    return "fits";
  case obstacle::no_worker:
    return "there is no worker";
  case obstacle::label:
    return "a label is missing";
  case obstacle::slots:
    return "no slot is free";
  case obstacle::resource:
    return "too little of a resource is free";
  case obstacle::apart:
    return "it has a task that this one keeps apart from";
  case obstacle::pool:
    return "the pool is full";
  }
  return "?";
}

obstacle obstacle_to(const open_task& task, const open_worker& worker) noexcept {
  const auto& needs = *task.needs;
  const bool labelled = std::all_of(needs.labels.begin(), needs.labels.end(),
                                    [&](const auto& one) { return worker.labels.contains(one); });
  if (!labelled) return obstacle::label;
  if (!needs.apart.empty() && worker.apart.contains(needs.apart)) return obstacle::apart;
  if (worker.slots == 0) return obstacle::slots;
  for (const auto& [name, wanted] : needs.needs)
    if (wanted > amount(worker.capacity, name) - amount(worker.used, name)) {
      return obstacle::resource;
    }
  return obstacle::none;
}

void put(const open_task& task, open_worker& worker) {
  --worker.slots;
  worker.load += task.weight;
  for (const auto& [name, wanted] : task.needs->needs)
    worker.used[name] += wanted;
  if (!task.needs->apart.empty()) worker.apart.insert(task.needs->apart);
}

void take(const open_task& task, open_worker& worker) {
  ++worker.slots;
  worker.load -= task.weight;
  for (const auto& [name, wanted] : task.needs->needs)
    worker.used[name] -= wanted;
  if (!task.needs->apart.empty()) worker.apart.erase(task.needs->apart);
}

std::int64_t dominant_share(const open_worker& worker) noexcept {
  std::int64_t largest = 0;
  for (const auto& [name, used] : worker.used) {
    const auto all = amount(worker.capacity, name);
    if (all > 0) largest = std::max(largest, used / std::max<std::int64_t>(all / 1000, 1));
  }
  return largest;
}

}  // namespace scheduler
