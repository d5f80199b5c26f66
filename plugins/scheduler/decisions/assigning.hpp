/// Giving ready tasks to workers.
#pragma once

#include <cstddef>
#include <string>

#include "decisions/book.hpp"

namespace scheduler {

/// How much one decision looks at.
struct batch_limits {
  std::size_t tasks = 64;     ///< given out at most
  std::size_t classes = 256;  ///< looked at
  std::size_t workers = 256;  ///< looked at
};

struct batch_reply {
  std::size_t given_out = 0;
  /// Where the next batch should begin to look, among classes and workers; names.
  std::string last_class, last_worker;
  /// Every class and every worker was looked at. Then, if nothing was given out, no waiting task
  /// fits any worker.
  bool saw_all = true;
};

/// Gives the tasks that matter most to the workers that fit, so that Σ importance × load is small.
/// Each task remembers why this worker, and each class why none of it was placed.
batch_reply assign_batch(book& with, const batch_limits& limits, std::string_view after_class,
                         std::string_view after_worker);

}  // namespace scheduler
