#include "runtime/compose/plan_order.hpp"

#include <algorithm>

namespace troupe::compose {

namespace {

/// Picks, again and again, the first component in file order whose wires all lead to picked ones.
std::vector<std::size_t> pick_ready(const std::vector<wiring>& members, std::vector<bool>& picked) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < members.size();) {
    const auto& wires = members[i].wires;
    const bool ready = !picked[i] && std::all_of(wires.begin(), wires.end(), [&](const auto& wire) {
      return picked[wire.second];
    });
    if (!ready) {
      ++i;
      continue;
    }
    picked[i] = true;
    order.push_back(i);
    i = 0;
  }
  return order;
}

/// The circle reached by following unordered wires from a component that cannot be ordered. Every
/// such component has one, so the walk must come back to where it has been.
std::vector<std::size_t> circle_from(const std::vector<wiring>& members,
                                     const std::vector<bool>& picked, std::size_t start) {
  std::vector<std::size_t> path;
  auto at = start;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    const auto& wires = members[at].wires;
    at = std::find_if(wires.begin(), wires.end(), [&](const auto& wire) {
           return !picked[wire.second];
         })->second;
  }
  return {std::find(path.begin(), path.end(), at), path.end()};
}

void report_circle(const std::vector<wiring>& members, std::vector<std::size_t> circle,
                   config::report& errors) {
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  std::string text;
  for (const auto index : circle)
    text += members[index].entry->name.text + " -> ";
  const auto& first = members[circle.front()].entry->name;
  errors.error(first.where, "the wires form a circle: " + text + first.text,
               "a component can only use what starts before it; rewire one of them");
}

}  // namespace

std::vector<std::size_t> wiring_order(const std::vector<wiring>& members, config::report& errors) {
  std::vector<bool> picked(members.size());
  auto order = pick_ready(members, picked);
  auto reported = picked;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (reported[i]) continue;
    const auto circle = circle_from(members, picked, i);
    const bool known = std::any_of(circle.begin(), circle.end(),
                                   [&](std::size_t index) { return reported[index]; });
    if (!known) report_circle(members, circle, errors);
    for (const auto index : circle)
      reported[index] = true;
    reported[i] = true;
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!picked[i]) order.push_back(i);
  }
  return order;
}

}  // namespace troupe::compose
