/// The index of tasks that may be given to workers.
#pragma once

#include <string>
#include <vector>

#include "decisions/book.hpp"

namespace scheduler {

/// ready/<class>/<priority>/<chunk>/<since>.<task>: tasks of a job that ask for the same are a
/// class. Whether one of them fits anywhere is found out once for all of them; and within class and
/// priority the one that waits longest matters most. So a decision looks at the heads only,
/// however many wait.

/// Classes with waiting tasks.
inline constexpr std::size_t most_classes = 4096;

/// Puts a task in, which is READY since `task.ready`. Returns the entry's path.
std::string add_ready(book& with, const task_name& name, const task_record& task);
void remove_ready(book& with, task_record& task);

/// A class with its first tasks.
struct waiting_class {
  std::string path;
  class_record what;
  /// By priority, highest first; within it oldest first.
  struct one {
    task_name name;
    std::int32_t priority = 0;
    instant since = 0;
  };
  std::vector<one> first;
};

/// Classes in the order of their names, from the one after `after` on and around, at most `most`.
std::vector<std::string> classes_after(book& with, std::string_view after, std::size_t most);
/// Nothing in `first` beyond `most` per priority. The class exists.
waiting_class look_into(book& with, const std::string& path, std::size_t most);

}  // namespace scheduler
