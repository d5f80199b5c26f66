#pragma once

#include "runtime/compose/plan.hpp"

namespace troupe::cli {

/// Starts a planned deployment and runs it until it is told to stop (SIGTERM, SIGINT) or fails.
/// Blocks the calling thread, which becomes the first reactor.
/// @returns the exit code of the program: 0 after an orderly stop, 1 after a failure.
int run_deployment(const compose::plan& deployment);

}  // namespace troupe::cli
