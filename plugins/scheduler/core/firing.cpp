#include "core/firing.hpp"

#include <algorithm>

namespace scheduler {

namespace {

/// What of the missed instants in (last, until] is made up for.
std::vector<instant> made_up(const schedule& when, instant last, instant until, instant now,
                             const misfire_rules& rules) {
  if (rules.start_deadline > 0) last = std::max(last, now - rules.start_deadline - 1);
  if (last >= until) return {};
  switch (rules.policy) {
  case misfire_policy::fire_once:
    return newest_within(when, last, until, 1);
  case misfire_policy::fire_all:
    return newest_within(when, last, until, rules.most_missed);
  case misfire_policy::skip:
    break;
  }
  return {};
}

}  // namespace

due_instants due_within(const schedule& when, instant last, instant now, const misfire_rules& rules,
                        std::size_t most) {
  due_instants result;
  // Up to here they are missed, afterwards they are in time.
  const auto border = std::max(last, now - rules.tolerance - 1);
  if (const auto newest = last_within(when, last, border)) {
    result.newest = newest;
    result.fire = made_up(when, last, border, now, rules);
    // Anything before the first, or between the ones, of those that are made up for?
    result.dropped_any =
        oldest_within(when, last, border, result.fire.size() + 1).size() > result.fire.size();
  }
  const auto in_time = oldest_within(when, border, now, most);
  if (!in_time.empty()) {
    result.newest = in_time.back();
    result.fire.insert(result.fire.end(), in_time.begin(), in_time.end());
  }
  return result;
}

overlap_verdict decide_overlap(const overlap_rules& rules, std::size_t active,
                               std::size_t queued) noexcept {
  switch (rules.policy) {
  case overlap_policy::allow:
    return active < rules.most_active ? overlap_verdict::start : overlap_verdict::drop;
  case overlap_policy::forbid:
    return active == 0 ? overlap_verdict::start : overlap_verdict::drop;
  case overlap_policy::replace:
    return active == 0 ? overlap_verdict::start : overlap_verdict::replace;
  case overlap_policy::queue:
    break;
  }
  if (active == 0 && queued == 0) return overlap_verdict::start;
  return queued < rules.most_queued ? overlap_verdict::enqueue : overlap_verdict::drop;
}

bool may_dequeue(const overlap_rules& rules, std::size_t active) noexcept {
  return rules.policy == overlap_policy::queue && active == 0;
}

}  // namespace scheduler
