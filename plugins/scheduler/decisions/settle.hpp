/// What follows from tasks that are over.
#pragma once

#include "decisions/book.hpp"

namespace scheduler {

/// Tells the successors and the run of every task in `book::ended`, in the same transaction as
/// their ends: successors become READY, SCHEDULED or SKIPPED, the run ends with its last task, and
/// makes room for what waits behind it.
void settle(book& with);

/// Lets a blocked task go if what is upstream allows it, or skips it.
void reconsider(book& with, const task_name& name, task_record& task);

/// Makes the tasks of those that are one for each item of `name`, which succeeded with `items`.
/// They begin when the one that stands for them may.
void make_items(book& with, const task_name& name, const std::vector<std::string>& items);

/// The largest number of items that all tasks that are one for each of this one's take.
std::size_t most_items_of(book& with, const task_name& name, const task_record& task);

}  // namespace scheduler
