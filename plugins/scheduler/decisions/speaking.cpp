#include "decisions/speaking.hpp"

#include "decisions/life.hpp"
#include "decisions/settle.hpp"

namespace scheduler {

namespace {

/// The task, if the claim is its live one, and in the state in which its worker works on it.
task_record* claimed(book& with, const task_name& name, const claim& by) {
  auto* task = with.task(name);
  if (task == nullptr || !is_live(*task, by)) return nullptr;
  if (task->state == task_state::lost) {
    const bool started = task->attempts.back().started != 0;
    task->heartbeat = with.now();
    move(with, name, *task, started ? task_state::running : task_state::assigned,
         reason::reclaimed);
  }
  return task;
}

/// As `claimed`, and it has begun.
task_record* begun(book& with, const task_name& name, const claim& by) {
  auto* task = claimed(with, name, by);
  if (task == nullptr || task->state != task_state::assigned) return task;
  task->attempts.back().started = task->heartbeat = with.now();
  move(with, name, *task, task_state::running, reason::claimed);
  return task;
}

/// Whether this attempt of this worker was the one that succeeded.
bool succeeded_by(book& with, const task_name& name, const claim& by) {
  const auto* task = with.task(name);
  if (task == nullptr || task->state != task_state::succeeded || task->attempts.empty()) {
    return false;
  }
  const auto& last = task->attempts.back();
  return last.why == reason::completed && last.worker == by.worker && last.number == by.attempt &&
         last.fence == by.fence;
}

hearing answer(const task_record& task) {
  return task.state == task_state::cancelling ? hearing::give_up : hearing::accepted;
}

std::string shortened(std::string_view text, std::size_t most) {
  return std::string{text.substr(0, most)};
}

/// Cap'n Proto's texts end with the first zero.
std::string without_zeros(std::string text) {
  for (auto& c : text)
    if (c == '\0') c = ' ';
  return text;
}

void fail_now(book& with, const task_name& name, task_record& task, reason why,
              std::string_view error_class, std::string_view message) {
  task.attempts.back().error = without_zeros(shortened(message, most_words));
  if (task.state == task_state::cancelling) {
    move(with, name, task, task_state::cancelled, reason::cancel_acknowledged);
    return;
  }
  move(with, name, task, task_state::failed, why);
  after_failed_attempt(with, name, task, why, error_class);
}

/// Empty if the outcome can be kept.
std::string problem_of(book& with, const task_name& name, const task_record& task,
                       std::string_view result, const std::vector<std::string>& items) {
  if (result.size() > most_result) {
    return "the result has " + std::to_string(result.size()) + " bytes; at most " +
           std::to_string(most_result) + " are kept";
  }
  const auto most = most_items_of(with, name, task);
  if (items.size() > most) {
    return "the result has " + std::to_string(items.size()) + " items; at most " +
           std::to_string(most) + " are taken";
  }
  for (const auto& item : items)
    if (item.size() > most_item) {
      return "an item has " + std::to_string(item.size()) + " bytes; at most " +
             std::to_string(most_item) + " are kept";
    }
  return {};
}

}  // namespace

hearing begin(book& with, const task_name& name, const claim& by) {
  const auto* task = begun(with, name, by);
  return task == nullptr ? hearing::stale : answer(*task);
}

hearing heartbeat(book& with, const task_name& name, const claim& by, std::string_view progress) {
  auto* task = begun(with, name, by);
  if (task == nullptr) return hearing::stale;
  task->heartbeat = with.now();
  if (!progress.empty()) task->progress = shortened(progress, most_words);
  rearm(with, name, *task);
  return answer(*task);
}

hearing complete(book& with, const task_name& name, const claim& by, std::string_view result,
                 const std::vector<std::string>& items) {
  if (succeeded_by(with, name, by)) return hearing::known;
  auto* task = begun(with, name, by);
  if (task == nullptr) return hearing::stale;
  if (const auto problem = problem_of(with, name, *task, result, items); !problem.empty()) {
    fail_now(with, name, *task, reason::fan_out_exceeded, "", problem);
  } else {
    task->result = result;
    if (task->state == task_state::running) make_items(with, name, items);
    move(with, name, *task, task_state::succeeded, reason::completed);
  }
  settle(with);
  return hearing::accepted;
}

hearing fail(book& with, const task_name& name, const claim& by, std::string_view error_class,
             std::string_view message, bool for_good) {
  auto* task = begun(with, name, by);
  if (task == nullptr) return hearing::stale;
  fail_now(with, name, *task, for_good ? reason::non_retryable : reason::attempt_failed,
           error_class, message);
  settle(with);
  return hearing::accepted;
}

hearing give_up(book& with, const task_name& name, const claim& by) {
  auto* task = claimed(with, name, by);
  if (task == nullptr) return hearing::stale;
  if (task->state == task_state::cancelling) {
    move(with, name, *task, task_state::cancelled, reason::cancel_acknowledged);
  } else if (task->state == task_state::assigned) {
    move(with, name, *task, task_state::ready, reason::withdrawn);
  } else {
    fail_now(with, name, *task, reason::attempt_failed, "given-up", "the worker gave it up");
  }
  settle(with);
  return hearing::accepted;
}

hearing hear_report(book& with, const task_name& name, const std::string& worker,
                    const report_text& report) {
  const claim by{worker, report.attempt, report.fence};
  switch (report.state) {
  case report_text::what::running:
    return heartbeat(with, name, by, report.body);
  case report_text::what::succeeded:
    return complete(with, name, by, report.body, report.items);
  case report_text::what::failed:
    return fail(with, name, by, report.error_class, report.body, false);
  case report_text::what::cancelled:
    break;
  }
  return give_up(with, name, by);
}

troupe::result<hearing> take_report(book& with, const std::string& worker,
                                    const std::string& entry) {
  const auto name = task_of(entry);
  if (!name || !is_name(worker)) return troupe::failure{"\"" + entry + "\" names no task"};
  const auto path = with.paths().assignment(worker, *name) + "/report";
  const auto facts = with.tree().node(path);
  if (!facts) return hearing::known;
  must(with.tree().remove(path, troupe::any_version), "remove", path);
  const auto report = read_report(facts->data.view());
  if (!report) return troupe::failure{path + ": " + report.error().message};
  return hear_report(with, *name, worker, *report);
}

}  // namespace scheduler
