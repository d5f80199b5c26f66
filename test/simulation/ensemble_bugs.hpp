/// Bugs planted in whole ensembles, to prove that the checkers find them.
#pragma once

#include <string>
#include <vector>

#include "test/simulation/planted_bugs.hpp"

namespace troupe::test {

/// A bug of every member: some component types are made with other factories than their own.
struct ensemble_bug {
  std::string name;
  std::vector<std::string> findings;  ///< each is part of a violation that gives it away
  /// Its parts, by component type. What they share is made anew for each run.
  std::function<std::vector<planted_bug>()> parts;
};

const std::vector<ensemble_bug>& ensemble_bugs();

}  // namespace troupe::test
