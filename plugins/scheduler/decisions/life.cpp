#include "decisions/life.hpp"

#include <algorithm>

#include "core/attempt.hpp"
#include "core/text.hpp"
#include "decisions/ready_index.hpp"
#include "decisions/timers.hpp"

namespace scheduler {

namespace {

std::string assignment_of(const task_name& name, const task_record& task,
                          const task_definition& definition) {
  assignment_text text;
  text.task = name;
  text.attempt = task.attempt;
  text.fence = task.fence;
  text.cancelled = task.state == task_state::cancelling;
  text.limits = definition.limits;
  text.payload = definition.payload;
  text.item = task.item;
  return write_assignment(text);
}

void count_in_pool(book& with, const std::string& name, bool more) {
  if (name.empty()) return;
  auto* pool = with.pool(name);
  if (pool == nullptr) return;
  if (more) {
    ++pool->used;
  } else if (pool->used > 0) {
    --pool->used;
  }
}

/// The worker has the task no longer.
void release(book& with, const task_name& name, task_record& task, reason why) {
  auto& attempt = task.attempts.back();
  attempt.ended = with.now();
  attempt.why = why;
  const auto& definition = with.definition(name, task);
  const auto path = with.paths().assignment(attempt.worker, name);
  // The worker may have said something that nobody has read.
  with.tree().remove(path + "/report", troupe::any_version);
  const auto error = with.tree().remove(path, troupe::any_version);
  if (error != troupe::error_code::no_node) must(error, "remove", path);
  count_in_pool(with, definition.needs.pool, false);
  ++task.fence;
  auto* holding = with.holding(attempt.worker);
  if (holding == nullptr || holding->tasks == 0) return;
  --holding->tasks;
  holding->load -= definition.weight;
  for (const auto& [resource, amount] : definition.needs.needs) {
    auto& used = holding->used[resource];
    used -= amount;
    if (used <= 0) holding->used.erase(resource);
  }
  std::erase(holding->apart, definition.needs.apart);
  if (holding->gone) clear_away(with, attempt.worker);
}

}  // namespace

void clear_away(book& with, const std::string& worker) {
  const auto* holding = with.holding(worker);
  if (holding == nullptr || !holding->gone || holding->tasks > 0) return;
  // What somebody else has put there stays, and so does the inbox.
  const auto removed = with.tree().remove(with.paths().inbox(worker), troupe::any_version);
  if (removed == troupe::error_code::ok) with.forget_holding(worker);
}

void rearm(book& with, const task_name& name, task_record& task) {
  const auto next = next_alarm(task, with.definition(name, task).limits);
  arm(with, timer_of(name), next ? next->at : 0, task.timer);
}

void move(book& with, const task_name& name, task_record& task, task_state to, reason why) {
  const auto from = task.state;
  if (!is_legal(from, to, why)) {
    refuse(troupe::error_code::bad_arguments,
           "the task " + entry_of(name) + " is " + std::string{to_string(from)} + "; " +
               std::string{to_string(why)} + " cannot make it " + std::string{to_string(to)});
  }
  if (from == task_state::ready) remove_ready(with, task);
  if (is_held(from) && !is_held(to)) release(with, name, task, why);
  task.state = to;
  task.why = why;
  if (to == task_state::ready) {
    task.ready = with.now();
    if (task.first_ready == 0) task.first_ready = task.ready;
    task.place = add_ready(with, name, task);
  }
  if (to == task_state::cancelling) tell_worker(with, name, task);
  if (is_over(to)) with.ended.push_back(name);
  if (to != task_state::failed) rearm(with, name, task);
}

void tell_worker(book& with, const task_name& name, const task_record& task) {
  const auto path = with.paths().assignment(task.attempts.back().worker, name);
  const auto text = assignment_of(name, task, with.definition(name, task));
  must(with.tree().set_data(path, troupe::blob{text}, troupe::any_version), "write", path);
}

void hand_out(book& with, const task_name& name, task_record& task, const std::string& worker,
              const std::string& explanation) {
  const auto& definition = with.definition(name, task);
  ++task.attempt;
  attempt_record attempt;
  attempt.number = task.attempt;
  attempt.fence = task.fence;
  attempt.worker = worker;
  attempt.assigned = with.now();
  attempt.explanation = explanation;
  task.attempts.push_back(std::move(attempt));
  if (task.attempts.size() > most_attempts_kept) task.attempts.erase(task.attempts.begin());

  auto* present = with.holding(worker);
  auto& holding = present != nullptr ? *present : with.add_holding(worker);
  ++holding.tasks;
  holding.load += definition.weight;
  for (const auto& [resource, amount] : definition.needs.needs)
    if (amount > 0) holding.used[resource] += amount;
  if (!definition.needs.apart.empty()) holding.apart.push_back(definition.needs.apart);
  count_in_pool(with, definition.needs.pool, true);

  move(with, name, task, task_state::assigned, reason::assigned);
  create_node(with.tree(), with.paths().assignment(worker, name),
              troupe::blob{assignment_of(name, task, definition)});
}

void after_failed_attempt(book& with, const task_name& name, task_record& task, reason ended,
                          std::string_view error_class) {
  const auto& definition = with.definition(name, task);
  const auto next = after_failure(task, definition.retry, definition.limits, ended, error_class,
                                  with.now(), with.random());
  if (next.again) {
    task.until = with.now() + next.wait;
    move(with, name, task, task_state::retry_wait, next.why);
  } else {
    move(with, name, task, task_state::dead, next.why);
  }
}

}  // namespace scheduler
