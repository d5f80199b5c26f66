/// What is kept of runs that are over.
#pragma once

#include <cstddef>
#include <string>

#include "decisions/book.hpp"

namespace scheduler {

struct compact_reply {
  std::size_t compacted = 0;  ///< runs
  std::size_t forgotten = 0;  ///< outcomes of days that are no longer kept
  bool more = false;
};

/// Replaces runs that ended before `before` by their outcomes, history/<job>/<day>/<run>: text of
/// one line for the run and one for each task, with attempts, times, workers and reasons. Forgets
/// days that the job does not keep. About `most` nodes are removed at most; a run goes as a whole
/// or not at all.
compact_reply compact(book& with, const std::string& job, instant before, std::size_t most);

/// The text of a run's outcome; above 256 KiB the rest of its tasks is left out.
std::string outcome_of(book& with, const std::string& job, const std::string& run);

}  // namespace scheduler
