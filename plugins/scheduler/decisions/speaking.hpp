/// What workers say about the tasks that they have.
#pragma once

#include <string>
#include <vector>

#include "core/attempt.hpp"
#include "core/text.hpp"
#include "decisions/book.hpp"

namespace scheduler {

/// The answer to a worker.
enum class hearing : std::uint8_t {
  accepted,
  give_up,  ///< heard, but the task is cancelled: stop, and say so
  stale,    ///< the task is not, or no longer, this worker's: stop
  known,    ///< this was said before, and counted
};

/// Each says nothing about a task unless `by` is its live claim. A worker that was lost and speaks
/// within the grace has its task again, with the same fence. A completion is accepted once; saying
/// it again is `known`.
hearing begin(book& with, const task_name& name, const claim& by);
hearing heartbeat(book& with, const task_name& name, const claim& by, std::string_view progress);
/// `items`: for the tasks that are one for each. More than those take, or too large ones, are a
/// failure for good.
hearing complete(book& with, const task_name& name, const claim& by, std::string_view result,
                 const std::vector<std::string>& items);
/// `for_good`: another attempt makes no sense.
hearing fail(book& with, const task_name& name, const claim& by, std::string_view error_class,
             std::string_view message, bool for_good);
/// The worker has given up a task that is cancelled.
hearing give_up(book& with, const task_name& name, const claim& by);

/// Does what a worker's text says.
hearing hear_report(book& with, const task_name& name, const std::string& worker,
                    const report_text& report);

/// Does what a plain client's report below its inbox says, and removes the report. One that is not
/// understood changes nothing; the failure says why, for the log.
troupe::result<hearing> take_report(book& with, const std::string& worker,
                                    const std::string& entry);

}  // namespace scheduler
