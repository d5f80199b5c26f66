/// How a task goes from state to state, with everything that hangs on it.
#pragma once

#include <string>

#include "decisions/book.hpp"

namespace scheduler {

/// Makes the step, if the table of states has it; otherwise the decision is refused. Indexes,
/// timers, the worker's inbox and what it holds, the pool, and the fence follow: whoever loses a
/// task loses its fence at the same moment. Who enters a state that ends at a certain time sets
/// `until` before. Those that are over go to `book::ended`.
void move(book& with, const task_name& name, task_record& task, task_state to, reason why);

/// Arms the task's timer for what comes next; after a change that is no step.
void rearm(book& with, const task_name& name, task_record& task);

/// Gives a ready task to a worker: the next attempt, with an entry in its inbox.
void hand_out(book& with, const task_name& name, task_record& task, const std::string& worker,
              const std::string& explanation);

/// After a failed attempt (the task is FAILED): the next one, or the end.
void after_failed_attempt(book& with, const task_name& name, task_record& task, reason ended,
                          std::string_view error_class);

/// Removes the inbox of a worker that is gone and has nothing any more.
void clear_away(book& with, const std::string& worker);

/// Writes the assignment in the worker's inbox anew; for a task that is held.
void tell_worker(book& with, const task_name& name, const task_record& task);

}  // namespace scheduler
