/// What happens when nobody says anything: time passes, and workers go.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "decisions/book.hpp"

namespace scheduler {

struct tick_reply {
  std::size_t handled = 0;
  std::optional<instant> next;  ///< when it has to run again; nothing: when something changes
};

/// Handles at most `most` timers that are due. If that many were handled, there may be more.
tick_reply tick(book& with, std::size_t most);

struct sweep_reply {
  std::size_t handled = 0;
  bool more = false;
};

/// A worker's session has ended: at most `most` of its tasks become LOST, and may be reclaimed
/// until the grace of their jobs is over. Does nothing if the worker is there.
sweep_reply sweep(book& with, const std::string& worker, std::size_t most);

/// A worker is there, perhaps again: what it is given counts from now. Does nothing if it is not
/// there, or nothing is to be done.
void greet(book& with, const std::string& worker);

/// Workers that have something but are not there; what a new leader begins with.
std::vector<std::string> missing_workers(book& with);

}  // namespace scheduler
