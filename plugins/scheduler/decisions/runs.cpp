#include "decisions/runs.hpp"

#include <algorithm>

#include "codec/job_codec.hpp"
#include "core/firing.hpp"
#include "decisions/life.hpp"
#include "decisions/settle.hpp"
#include "decisions/timers.hpp"

namespace scheduler {

using troupe::error_code;

namespace {

/// Instants that one call deals with; the trigger is armed again for the rest.
constexpr std::size_t most_instants = 100;

trigger_record& trigger_of(book& with, const std::string& job) {
  auto* trigger = with.trigger(job);
  if (trigger == nullptr) refuse(error_code::no_node, "there is no job " + job);
  return *trigger;
}

const job_definition& newest_definition(book& with, const std::string& job) {
  const auto* record = with.job(job);
  if (record == nullptr) refuse(error_code::no_node, "there is no job " + job);
  return with.definition(job, record->revision).job;
}

void make_tasks(book& with, const std::string& job, const std::string& run,
                const job_definition& definition) {
  for (std::uint32_t i = 0; i < definition.tasks.size(); ++i) {
    const auto& one = definition.tasks[i];
    task_record task;
    task.definition = i;
    task.priority = one.priority;
    task.upstream.total = static_cast<std::uint32_t>(one.upstream.size());
    with.add_task({job, run, one.name}, std::move(task));
  }
  // Only now, because what may go at once may be over at once.
  for (const auto& one : definition.tasks) {
    if (!one.upstream.empty()) continue;
    const task_name name{job, run, one.name};
    reconsider(with, name, *with.task(name));
  }
}

/// Begins a run; false if it was begun before.
bool begin_run(book& with, const std::string& job, const std::string& run, instant due,
               run_cause cause) {
  if (with.run(job, run) != nullptr) return false;
  const auto revision = with.job(job)->revision;
  const auto& definition = with.definition(job, revision).job;
  run_record record;
  record.revision = revision;
  record.due = due;
  record.begun = with.now();
  record.cause = cause;
  record.tasks = static_cast<std::uint32_t>(definition.tasks.size());
  with.add_run(job, run, record);
  trigger_of(with, job).active.push_back(run);
  make_tasks(with, job, run, definition);
  return true;
}

void begin_or_not(book& with, const std::string& job, instant due, const overlap_rules& rules) {
  auto& trigger = trigger_of(with, job);
  switch (decide_overlap(rules, trigger.active.size(), trigger.queued.size())) {
  case overlap_verdict::start:
    begin_run(with, job, run_of(due), due, run_cause::trigger);
    break;
  case overlap_verdict::replace:
    for (const auto& run : std::vector<std::string>{trigger.active})
      cancel_run(with, job, run, reason::run_replaced);
    begin_run(with, job, run_of(due), due, run_cause::trigger);
    break;
  case overlap_verdict::enqueue:
    trigger.queued.push_back(due);
    break;
  case overlap_verdict::drop:
    break;
  }
}

/// Begins runs of a range that is made up for, up to its limit.
void go_on_with_backfill(book& with, const std::string& job) {
  auto& trigger = trigger_of(with, job);
  if (trigger.backfill_from == 0) return;
  const auto& definition = newest_definition(with, job);
  const auto when = schedule_of(with, definition);
  auto active = std::count_if(trigger.active.begin(), trigger.active.end(), [&](const auto& run) {
    const auto* record = with.run(job, run);
    return record != nullptr && record->cause == run_cause::backfill;
  });
  while (trigger.backfill_from != 0 && active < trigger.backfill_active &&
         trigger.active.size() < definition.overlap.most_active) {
    const auto due = when ? next_after(*when, trigger.backfill_from - 1) : std::nullopt;
    if (!due || *due > trigger.backfill_until) {
      trigger.backfill_from = trigger.backfill_until = 0;
      return;
    }
    trigger.backfill_from = *due + 1;
    if (begin_run(with, job, run_of(*due), *due, run_cause::backfill)) ++active;
  }
}

}  // namespace

void make_folders(book& with) {
  const auto& root = with.paths().root();
  for (auto slash = root.find('/', 1); slash != root.npos; slash = root.find('/', slash + 1))
    if (!with.tree().node(root.substr(0, slash)))
      create_node(with.tree(), root.substr(0, slash), {});
  if (!with.tree().node(root)) create_node(with.tree(), root, {});
  for (const char* name :
       {"jobs", "triggers", "runs", "workers", "inbox", "ready", "timers", "pools", "history"}) {
    const auto path = with.paths().folder(name);
    if (!with.tree().node(path)) create_node(with.tree(), path, {});
  }
}

std::optional<schedule> schedule_of(book& with, const job_definition& job) {
  if (job.schedule.empty()) return std::nullopt;
  const auto* zone = with.common().zones(job.zone);
  if (zone == nullptr) {
    refuse(error_code::bad_arguments,
           "job \"" + job.name + "\": \"" + job.zone +
               "\" is no zone of the zoneinfo database of "
               "this server; write one such as Europe/Berlin, and install tzdata");
  }
  auto when = parse_schedule(job.schedule, *zone, job.repeat_dst);
  if (!when) {
    refuse(error_code::bad_arguments, "job \"" + job.name + "\": " + when.error().message);
  }
  return std::move(*when);
}

std::uint32_t define_job(book& with, const job_definition& job) {
  if (const auto checked = check_job(job); !checked) {
    refuse(error_code::bad_arguments, checked.error().message);
  }
  schedule_of(with, job);
  auto* record = with.job(job.name);
  if (record == nullptr) {
    with.add_job(job.name, {});
    record = with.job(job.name);
    trigger_record trigger;
    trigger.last = with.now();
    with.add_trigger(job.name, std::move(trigger));
    create_node(with.tree(), with.paths().runs(job.name), {});
  }
  if (record->revision > 0 && with.definition(job.name, record->revision).job == job) {
    return record->revision;
  }
  ++record->revision;
  create_node(with.tree(), with.paths().definition(job.name, record->revision), encode(job));
  arm_trigger(with, job.name);
  return record->revision;
}

void arm_trigger(book& with, const std::string& job) {
  auto& trigger = trigger_of(with, job);
  const auto& definition = newest_definition(with, job);
  const auto when = schedule_of(with, definition);
  const auto next = when ? next_after(*when, trigger.last) : std::nullopt;
  trigger.next = next.value_or(0);
  const bool armed = next && !with.job(job)->paused;
  arm(with, timer_of(job), armed ? *next + jitter(job, *next, definition.spread) : 0,
      trigger.timer);
}

run_reply request_run(book& with, const run_request& request) {
  const auto& definition = newest_definition(with, request.job);
  const auto run = run_of_key(request.key);
  if (!is_run(run)) {
    refuse(error_code::bad_arguments,
           "\"" + request.key.substr(0, 80) + "\" is no key: it is 1 to 64 of a-z A-Z 0-9 _ and -");
  }
  if (request.parameters.size() > most_parameters) {
    refuse(error_code::bad_arguments,
           "the parameters have " + std::to_string(request.parameters.size()) + " bytes; at most " +
               std::to_string(most_parameters) + " are allowed");
  }
  if (with.run(request.job, run) != nullptr) return {run, false};
  if (trigger_of(with, request.job).active.size() >= definition.overlap.most_active) {
    refuse(error_code::quota_exceeded, "job \"" + request.job + "\" has " +
                                           std::to_string(definition.overlap.most_active) +
                                           " active runs, its limit");
  }
  begin_run(with, request.job, run, with.now(), run_cause::request);
  if (!request.parameters.empty()) {
    with.create_later(with.paths().run(request.job, run) + "/~params", request.parameters);
  }
  settle(with);
  return {run, true};
}

void fire(book& with, const std::string& job) {
  auto& trigger = trigger_of(with, job);
  const auto& definition = newest_definition(with, job);
  const auto when = schedule_of(with, definition);
  if (when && !with.job(job)->paused) {
    auto rules = definition.misfire;
    // What the job's own jitter delays is not late.
    rules.tolerance += definition.spread;
    if (rules.start_deadline > 0) rules.start_deadline += definition.spread;
    const auto due = due_within(*when, trigger.last, with.now(), rules, most_instants);
    auto newest = due.newest.value_or(trigger.last);
    for (const auto one : due.fire) {
      if (one + jitter(job, one, definition.spread) > with.now()) {
        newest = one - 1;  // not yet, and what comes after it has to wait, too
        break;
      }
      begin_or_not(with, job, one, definition.overlap);
    }
    trigger.last = std::max(trigger.last, newest);
  }
  arm_trigger(with, job);
  settle(with);
}

void backfill(book& with, const std::string& job, instant from, instant until,
              std::uint32_t at_a_time) {
  const auto& definition = newest_definition(with, job);
  auto& trigger = trigger_of(with, job);
  if (definition.schedule.empty() || from <= 0 || until < from || at_a_time == 0) {
    refuse(error_code::bad_arguments,
           "a backfill needs a job with a schedule, a first instant that is not after the last "
           "one, and at least one run at a time");
  }
  if (trigger.backfill_from != 0) {
    refuse(error_code::node_exists, "a backfill of job \"" + job + "\" goes on already");
  }
  trigger.backfill_from = from;
  trigger.backfill_until = until;
  trigger.backfill_active = at_a_time;
  go_on_with_backfill(with, job);
  settle(with);
}

void run_ended(book& with, const std::string& job, const std::string& run) {
  auto& trigger = trigger_of(with, job);
  std::erase(trigger.active, run);
  const auto& rules = newest_definition(with, job).overlap;
  while (!trigger.queued.empty() && may_dequeue(rules, trigger.active.size())) {
    const auto due = trigger.queued.front();
    trigger.queued.erase(trigger.queued.begin());
    begin_run(with, job, run_of(due), due, run_cause::trigger);
  }
  go_on_with_backfill(with, job);
}

std::vector<task_name> tasks_of(book& with, const std::string& job, const std::string& run) {
  std::vector<task_name> names;
  with.commit();  // some may have been made by this decision
  for (auto& name : with.tree().children(with.paths().run(job, run)))
    if (!name.starts_with('~')) names.push_back({job, run, std::move(name)});
  return names;
}

void cancel_run(book& with, const std::string& job, const std::string& run, reason why) {
  const auto* record = with.run(job, run);
  if (record == nullptr || record->state != run_state::active) return;
  for (const auto& name : tasks_of(with, job, run)) {
    auto* task = with.task(name);
    if (task == nullptr || is_over(task->state) || task->state == task_state::cancelling) continue;
    const bool held = task->state == task_state::assigned || task->state == task_state::running;
    task->until = with.now() + with.definition(job, record->revision).job.cancel_grace;
    move(with, name, *task, held ? task_state::cancelling : task_state::cancelled, why);
  }
}

}  // namespace scheduler
