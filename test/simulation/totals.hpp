/// What many simulated runs add up to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <troupe/base/time.hpp>

namespace troupe::test {

/// Printed at the end of a test with many seeds, one number per line, so that the lines of several
/// processes can be added (soak.py).
struct run_totals {
  std::uint64_t seeds = 0;
  nanoseconds simulated{0};
  std::map<std::string, std::uint64_t> counts;  ///< writes, elections, faults by kind, and so on

  void print(const std::string& title) const;
};

}  // namespace troupe::test
