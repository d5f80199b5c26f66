#include "decisions/settle.hpp"

#include <algorithm>

#include "decisions/life.hpp"
#include "decisions/runs.hpp"

namespace scheduler {

namespace {

/// The one that stands for this one of many; nothing if it is not one of many.
std::optional<task_name> group_of(const task_name& name) {
  const auto tilde = name.task.find('~');
  if (tilde == name.task.npos) return std::nullopt;
  return task_name{name.job, name.run, name.task.substr(0, tilde)};
}

task_name item_name(const task_name& group, std::uint32_t number) {
  return {group.job, group.run, group.task + "~" + std::to_string(number)};
}

/// The record of a task of this run, which exists.
task_record& task_in(book& with, const task_name& name) {
  auto* task = with.task(name);
  if (task == nullptr) {
    refuse(troupe::error_code::no_node, "the task " + entry_of(name) + " is missing");
  }
  return *task;
}

/// The one that stands for many ends with the last of them.
void judge_group(book& with, const task_name& name, task_record& group) {
  if (group.state != task_state::blocked || !group.expanded) return;
  const auto& ends = group.upstream;
  if (ends.over() < ends.total) return;
  if (ends.succeeded == ends.total) {
    move(with, name, group, task_state::succeeded, reason::upstream_done);
  } else {
    move(with, name, group, ends.failed > 0 ? task_state::dead : task_state::skipped,
         reason::upstream_rule);
  }
}

/// It may go: now its many may.
void expand(book& with, const task_name& name, task_record& group) {
  group.expanded = true;
  group.upstream = {group.items, 0, 0, 0};
  for (std::uint32_t i = 0; i < group.items; ++i) {
    const auto one = item_name(name, i);
    auto& task = task_in(with, one);
    // Somebody may have ended it before.
    if (is_over(task.state)) group.upstream.add(task.state);
    reconsider(with, one, task);
  }
  judge_group(with, name, group);
}

/// It is over and never went, for whatever reason: its many are not needed.
void skip_group(book& with, const task_name& name, const task_record& group) {
  for (std::uint32_t i = 0; i < group.items; ++i) {
    const auto one = item_name(name, i);
    auto& task = task_in(with, one);
    if (task.state == task_state::blocked || task.state == task_state::paused) {
      move(with, one, task, task_state::skipped,
           task.state == task_state::blocked ? reason::upstream_rule : reason::skip_requested);
    }
  }
}

void tell_successors(book& with, const task_name& name, const task_record& task) {
  const auto& run = *with.run(name.job, name.run);
  const auto& known = with.definition(name.job, run.revision);
  if (const auto group = group_of(name)) {
    auto& many = task_in(with, *group);
    if (!many.expanded) return;  // skipped together with the group
    many.upstream.add(task.state);
    judge_group(with, *group, many);
    return;
  }
  if (!task.expanded) skip_group(with, name, task);
  for (const auto next : known.downstream.at(task.definition)) {
    const task_name successor{name.job, name.run, known.job.tasks[next].name};
    auto& record = task_in(with, successor);
    if (record.expanded) continue;
    record.upstream.add(task.state);
    reconsider(with, successor, record);
  }
}

void tell_run(book& with, const task_name& name, task_state end) {
  auto& run = *with.run(name.job, name.run);
  ++run.over;
  if (end == task_state::dead) ++run.failed;
  if (end == task_state::cancelled) ++run.cancelled;
  if (run.over < run.tasks || run.state != run_state::active) return;
  run.ended = with.now();
  run.state = run.failed > 0      ? run_state::failed
              : run.cancelled > 0 ? run_state::cancelled
                                  : run_state::succeeded;
  run_ended(with, name.job, name.run);
}

}  // namespace

void reconsider(book& with, const task_name& name, task_record& task) {
  if (task.state != task_state::blocked) return;
  if (task.expanded) return judge_group(with, name, task);
  const auto& definition = with.definition(name, task);
  const auto group = group_of(name);
  // One of many waits only for the one that stands for them.
  const auto verdict = group ? (task_in(with, *group).expanded ? readiness::go : readiness::wait)
                             : judge(definition.rule, task.upstream);
  if (verdict == readiness::wait) return;
  const bool many = !group && !definition.each_of.empty();
  if (verdict == readiness::skip) {
    move(with, name, task, task_state::skipped, reason::upstream_rule);
  } else if (many) {
    expand(with, name, task);
  } else if (definition.delay > 0) {
    task.until = with.now() + definition.delay;
    move(with, name, task, task_state::scheduled, reason::upstream_done);
  } else {
    move(with, name, task, task_state::ready, reason::upstream_done);
  }
}

void make_items(book& with, const task_name& name, const std::vector<std::string>& items) {
  if (items.empty()) return;
  auto& run = *with.run(name.job, name.run);
  const auto& tasks = with.definition(name.job, run.revision).job.tasks;
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].each_of != name.task) continue;
    const task_name group{name.job, name.run, tasks[i].name};
    auto& many = task_in(with, group);
    if (is_over(many.state) || many.items > 0) continue;
    many.items = static_cast<std::uint32_t>(items.size());
    run.tasks += many.items;
    for (std::uint32_t number = 0; number < many.items; ++number) {
      task_record one;
      one.definition = i;
      one.priority = many.priority;
      one.item = items[number];
      with.add_task(item_name(group, number), std::move(one));
    }
  }
}

std::size_t most_items_of(book& with, const task_name& name, const task_record& task) {
  const auto& run = *with.run(name.job, name.run);
  const auto& job = with.definition(name.job, run.revision).job;
  if (group_of(name)) return 0;
  std::size_t most = 0;
  bool any = false;
  for (const auto& one : job.tasks) {
    if (one.each_of != job.tasks[task.definition].name) continue;
    most = any ? std::min<std::size_t>(most, one.most_items) : one.most_items;
    any = true;
  }
  return most;
}

void settle(book& with) {
  while (!with.ended.empty()) {
    const auto name = with.ended.front();
    with.ended.pop_front();
    const auto& task = task_in(with, name);
    tell_successors(with, name, task);
    tell_run(with, name, task.state);
  }
}

}  // namespace scheduler
