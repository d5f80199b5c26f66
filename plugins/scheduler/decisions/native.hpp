/// Workers that call instead of writing nodes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <troupe/base/ids.hpp>

#include "decisions/book.hpp"
#include "decisions/speaking.hpp"

namespace scheduler {

/// The worker is there as long as the session; again: says something else of itself. A name that
/// another session has is refused.
void register_worker(book& with, const std::string& worker, const std::string& record,
                     troupe::session_id session);

/// What the worker has: names and texts. Only for the session that registered it.
std::vector<std::pair<std::string, std::string>> inbox_of(book& with, const std::string& worker,
                                                          troupe::session_id session);

/// One answer for each report (name and text); nothing where it is not understood.
std::vector<std::optional<hearing>>
hear(book& with, const std::string& worker,
     const std::vector<std::pair<std::string, std::string>>& reports, troupe::session_id session);

}  // namespace scheduler
