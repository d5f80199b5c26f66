/// What people want of jobs, runs and tasks.
#pragma once

#include <string>

#include "decisions/book.hpp"

namespace scheduler {

/// A paused job begins no runs, and its tasks are given to nobody; what workers have goes on.
/// Instants that pass meanwhile are late when it resumes.
void pause_job(book& with, const std::string& job, bool paused);

/// How many tasks of a pool workers may have at a time, and whether any may be given out. Made if
/// it is missing.
void set_pool(book& with, const std::string& pool, std::uint32_t limit, bool paused);

/// Holds back a task that no worker has, and lets it go again.
void pause_task(book& with, const task_name& name);
void resume_task(book& with, const task_name& name);

/// At once if no worker has the task, otherwise as soon as the worker agrees, or its job's grace is
/// over.
void cancel_task(book& with, const task_name& name);
/// All tasks of a run that are not over.
void cancel_all(book& with, const std::string& job, const std::string& run);

/// Ends a task that no worker has as if it were not needed, or as if it had succeeded.
void skip_task(book& with, const task_name& name);
void mark_success(book& with, const task_name& name);

/// Everything of a run that ended without success waits again, and begins when what is upstream
/// allows it; what succeeded stays. Earlier attempts do not count. Returns how many tasks these
/// are.
std::size_t rerun(book& with, const std::string& job, const std::string& run);

/// Also of a task that waits.
void set_priority(book& with, const task_name& name, std::int32_t priority);

}  // namespace scheduler
