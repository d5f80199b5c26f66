/// What the leader does by itself, many steps in one transaction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decisions/assigning.hpp"
#include "decisions/book.hpp"

namespace scheduler {

/// What is to be done now. Everything may be asked for again: it is done once.
struct work {
  std::vector<std::string> came;  ///< workers that are there
  std::vector<std::string> gone;  ///< and that are not
  /// Assignments about which a plain client says something, with their workers.
  std::vector<std::pair<std::string, std::string>> reports;
  bool time = false;    ///< timers may be due
  bool assign = false;  ///< tasks may be given out
  std::string compact;  ///< a job whose runs become history; empty: none
  duration keep = 0;    ///< runs that ended so long ago
  batch_limits limits;
  std::string after_class, after_worker;
};

struct work_done {
  bool gone_again = false;       ///< somebody who is gone had more than was handled
  bool time_again = false;       ///< more timers are due
  bool compact_again = false;    ///< the job has more to compact
  std::optional<duration> wait;  ///< until the next timer; nothing: there is none
  std::optional<batch_reply> assigned;
  std::vector<std::string> problems;  ///< sentences for the log
};

work_done do_work(book& with, const work& what);

/// What a new leader begins with: the folders are made, and it learns of workers that are missing,
/// of reports that nobody has read, of jobs, and of the zones of their schedules.
struct beginning {
  std::vector<std::string> gone, came, jobs, zones;
  std::vector<std::pair<std::string, std::string>> reports;
};
beginning begin_to_lead(book& with);

}  // namespace scheduler
