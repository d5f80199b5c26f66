#include "decisions/control.hpp"

#include <algorithm>

#include "decisions/life.hpp"
#include "decisions/ready_index.hpp"
#include "decisions/runs.hpp"
#include "decisions/settle.hpp"

namespace scheduler {

using troupe::error_code;

namespace {

task_record& existing(book& with, const task_name& name) {
  auto* task = with.task(name);
  if (task == nullptr) refuse(error_code::no_node, "there is no task " + entry_of(name));
  return *task;
}

/// Takes back what those that wait for it, and its run, know of a task's end.
void take_back(book& with, const task_name& name, const task_record& task, run_record& run) {
  --run.over;
  if (task.state == task_state::dead) --run.failed;
  if (task.state == task_state::cancelled) --run.cancelled;
  if (const auto tilde = name.task.find('~'); tilde != name.task.npos) {
    auto* group = with.task({name.job, name.run, name.task.substr(0, tilde)});
    if (group != nullptr && group->expanded) group->upstream.take_back(task.state);
    return;
  }
  const auto& known = with.definition(name.job, run.revision);
  for (const auto next : known.downstream.at(task.definition)) {
    auto* successor = with.task({name.job, name.run, known.job.tasks[next].name});
    if (successor != nullptr && !successor->expanded) successor->upstream.take_back(task.state);
  }
}

void wait_again(book& with, const task_name& name, task_record& task) {
  task.forgiven = task.attempt;
  task.losses = 0;
  task.first_ready = 0;
  move(with, name, task, task_state::blocked, reason::rerun);
}

}  // namespace

void pause_job(book& with, const std::string& job, bool paused) {
  auto* record = with.job(job);
  if (record == nullptr) refuse(error_code::no_node, "there is no job " + job);
  record->paused = paused;
  arm_trigger(with, job);
}

void set_pool(book& with, const std::string& pool, std::uint32_t limit, bool paused) {
  if (!is_name(pool))
    refuse(error_code::bad_arguments, "\"" + pool.substr(0, 80) + "\" is no name");
  if (auto* present = with.pool(pool)) {
    present->limit = limit;
    present->paused = paused;
  } else {
    with.add_pool(pool, {limit, 0, paused});
  }
}

void pause_task(book& with, const task_name& name) {
  auto& task = existing(with, name);
  const auto before = task.state;
  move(with, name, task, task_state::paused, reason::paused);
  task.before = before;
}

void resume_task(book& with, const task_name& name) {
  auto& task = existing(with, name);
  move(with, name, task, task.before, reason::resumed);
  reconsider(with, name, task);
  settle(with);
}

void cancel_task(book& with, const task_name& name) {
  auto& task = existing(with, name);
  const auto* run = with.run(name.job, name.run);
  const bool works = task.state == task_state::assigned || task.state == task_state::running;
  task.until = with.now() + with.definition(name.job, run->revision).job.cancel_grace;
  move(with, name, task, works ? task_state::cancelling : task_state::cancelled,
       reason::cancel_requested);
  settle(with);
}

void cancel_all(book& with, const std::string& job, const std::string& run) {
  if (with.run(job, run) == nullptr) refuse(error_code::no_node, "there is no run " + run);
  cancel_run(with, job, run, reason::cancel_requested);
  settle(with);
}

void skip_task(book& with, const task_name& name) {
  move(with, name, existing(with, name), task_state::skipped, reason::skip_requested);
  settle(with);
}

void mark_success(book& with, const task_name& name) {
  move(with, name, existing(with, name), task_state::succeeded, reason::marked_success);
  settle(with);
}

std::size_t rerun(book& with, const std::string& job, const std::string& run) {
  auto* record = with.run(job, run);
  if (record == nullptr) refuse(error_code::no_node, "there is no run " + run);
  std::vector<task_name> again;
  for (auto& name : tasks_of(with, job, run)) {
    const auto state = existing(with, name).state;
    if (is_over(state) && state != task_state::succeeded) again.push_back(std::move(name));
  }
  if (again.empty()) return 0;
  for (const auto& name : again)
    take_back(with, name, existing(with, name), *record);
  for (const auto& name : again)
    wait_again(with, name, existing(with, name));
  if (record->state != run_state::active) {
    record->state = run_state::active;
    record->ended = 0;
    with.trigger(job)->active.push_back(run);
  }
  for (const auto& name : again)
    reconsider(with, name, existing(with, name));
  settle(with);
  return again.size();
}

void set_priority(book& with, const task_name& name, std::int32_t priority) {
  if (priority < least_priority || priority > most_priority) {
    refuse(error_code::bad_arguments,
           "a priority is 0 to 9, higher first; this is " + std::to_string(priority));
  }
  auto& task = existing(with, name);
  task.priority = priority;
  if (task.state != task_state::ready) return;
  remove_ready(with, task);
  task.place = add_ready(with, name, task);
}

}  // namespace scheduler
