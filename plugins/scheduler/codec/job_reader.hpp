/// Definitions inside other messages.
#pragma once

#include <optional>

#include <schemas/scheduler.capnp.h>

#include "core/job.hpp"

namespace scheduler {

/// Nothing if it uses a number that this version does not know.
std::optional<job_definition> job_of(wire::Job::Reader from);
void put(const job_definition& job, wire::Job::Builder to);

}  // namespace scheduler
