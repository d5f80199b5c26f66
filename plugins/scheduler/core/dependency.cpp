#include "core/dependency.hpp"

#include <troupe/base/check.hpp>

namespace scheduler {

namespace {

std::uint32_t& counter(upstream_counts& counts, task_state end) {
  TROUPE_CHECK(is_over(end), "only tasks that are over count");
  if (end == task_state::succeeded) return counts.succeeded;
  return end == task_state::skipped ? counts.skipped : counts.failed;
}

}  // namespace

void upstream_counts::add(task_state end) noexcept { ++counter(*this, end); }

void upstream_counts::take_back(task_state end) noexcept { --counter(*this, end); }

readiness judge(dependency_rule rule, const upstream_counts& upstream) noexcept {
  const bool all_over = upstream.over() >= upstream.total;
  const auto when = [](bool go, bool skip) {
    return go ? readiness::go : skip ? readiness::skip : readiness::wait;
  };
  switch (rule) {
  case dependency_rule::all_success:
    return when(upstream.succeeded >= upstream.total, upstream.failed + upstream.skipped > 0);
  case dependency_rule::all_done:
    return when(all_over, false);
  case dependency_rule::one_success:
    return when(upstream.succeeded > 0 || upstream.total == 0, all_over);
  case dependency_rule::none_failed:
    return when(all_over && upstream.failed == 0, upstream.failed > 0);
  }
  return readiness::wait;
}

}  // namespace scheduler
