#include "core/job.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "core/dag.hpp"

namespace scheduler {

namespace {

using troupe::failure;

/// An upper bound for every length of time: ten years.
constexpr duration longest = std::int64_t{3653} * 86'400'000;

bool is_length(duration value) { return value >= 0 && value <= longest; }

std::string quoted(std::string_view text) { return "\"" + std::string{text.substr(0, 80)} + "\""; }

std::string bad_name(std::string_view what, std::string_view name) {
  return std::string{what} + " " + quoted(name) + ": a name is 1 to 64 of a-z A-Z 0-9 _ and -";
}

/// Empty if nothing is wrong.
std::string problem_of_needs(const demand& needs) {
  if (needs.needs.size() > 16 || needs.labels.size() > 16) {
    return "needs more than 16 resources or labels";
  }
  for (const auto& [name, amount] : needs.needs) {
    if (!is_name(name)) return bad_name("the resource", name);
    if (amount < 0 || amount > (std::int64_t{1} << 50)) {
      return "needs " + std::to_string(amount) + " of " + name + "; write 0 to 2^50";
    }
  }
  for (const auto& label : needs.labels)
    if (!is_name(label)) return bad_name("the label", label);
  for (const auto* name : {&needs.apart, &needs.pool})
    if (!name->empty() && !is_name(*name)) return bad_name("the word", *name);
  return {};
}

std::string problem_of_limits(const task_definition& task) {
  const auto& limits = task.limits;
  for (const auto length :
       {task.delay, limits.schedule_to_start, limits.start_to_close, limits.schedule_to_close,
        limits.heartbeat, task.retry.backoff, task.retry.longest_backoff})
    if (!is_length(length)) return "a length of time is negative or more than ten years";
  if (task.retry.most_attempts == 0 || task.retry.most_attempts > 1000) {
    return "may be tried " + std::to_string(task.retry.most_attempts) + " times; write 1 to 1000";
  }
  if (task.retry.growth_percent < 100 || task.retry.growth_percent > 1000) {
    return "has a back-off that grows by less than 100 % or more than 1000 %";
  }
  if (task.retry.errors.size() > 32) return "has rules for more than 32 classes of errors";
  return {};
}

std::string problem_of(const task_definition& task) {
  if (task.payload.size() > most_payload) {
    return "has a payload of " + std::to_string(task.payload.size()) + " bytes; at most " +
           std::to_string(most_payload) + " are allowed";
  }
  if (task.priority < least_priority || task.priority > most_priority) {
    return "has priority " + std::to_string(task.priority) + "; it is 0 to 9, higher first";
  }
  if (task.weight == 0 || task.weight > 1000) return "has a weight that is not 1 to 1000";
  if (task.most_items > most_tasks) return "may become more than 1000 tasks";
  if (auto problem = problem_of_limits(task); !problem.empty()) return problem;
  return problem_of_needs(task.needs);
}

std::string problem_of_upstream(const task_definition& task, const std::set<std::string>& names) {
  std::set<std::string> seen;
  for (const auto& before : task.upstream) {
    if (!names.contains(before)) return "waits for " + quoted(before) + ", which is no task";
    if (!seen.insert(before).second) return "waits for " + quoted(before) + " twice";
  }
  if (!task.each_of.empty() && !seen.contains(task.each_of)) {
    return "is one for each of the items of " + quoted(task.each_of) +
           ", which is not among the tasks upstream";
  }
  return {};
}

std::string problem_of(const job_definition& job) {
  if (!is_name(job.name)) return bad_name("the job", job.name);
  if (job.tasks.empty() || job.tasks.size() > most_tasks) {
    return "it has " + std::to_string(job.tasks.size()) + " tasks; write 1 to " +
           std::to_string(most_tasks);
  }
  for (const auto length :
       {job.spread, job.misfire.tolerance, job.misfire.start_deadline, job.grace, job.cancel_grace})
    if (!is_length(length)) return "a length of time is negative or more than ten years";
  if (job.misfire.most_missed > 100) return "it makes up for more than 100 missed instants";
  if (job.overlap.most_active == 0 || job.overlap.most_active > 100 ||
      job.overlap.most_queued > 100) {
    return "of its runs, 1 to 100 may be active and 0 to 100 may wait";
  }
  return {};
}

}  // namespace

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

troupe::result<bool> check_job(const job_definition& job) {
  const auto name = "job " + quoted(job.name) + ": ";
  if (auto problem = problem_of(job); !problem.empty()) return failure{name + problem};
  std::set<std::string> names;
  for (const auto& task : job.tasks) {
    if (!is_name(task.name)) return failure{name + bad_name("the task", task.name)};
    if (!names.insert(task.name).second) {
      return failure{name + "two tasks are called " + quoted(task.name)};
    }
  }
  for (const auto& task : job.tasks) {
    auto problem = problem_of(task);
    if (problem.empty()) problem = problem_of_upstream(task, names);
    if (!problem.empty()) return failure{name + "the task " + quoted(task.name) + " " + problem};
  }
  if (const auto cycle = find_cycle(job.tasks)) {
    std::string text = name + "its tasks wait for one another: ";
    for (std::size_t i = 0; i < cycle->size(); ++i)
      text += (i == 0 ? "" : " -> ") + (*cycle)[i];
    return failure{text + "; take one of these dependencies away"};
  }
  return true;
}

}  // namespace scheduler
