/// What was measured, as a table and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "histogram.hpp"
#include "options.hpp"
#include "server_process.hpp"
#include "workload.hpp"

namespace bench {

/// The result of one run.
struct report {
  options wishes;
  std::string unit;
  double seconds = 0;
  std::uint64_t operations = 0;
  histogram latencies;
  double load_processor_s = 0;
  std::vector<int> server_pids;
  std::string server_program;
  /// Spent by all servers while they were measured.
  std::optional<processor_time> server_time;
  /// Of all servers.
  std::optional<memory_use> server_memory;
  std::vector<figure> figures;
};

std::string as_table(const report& r);
std::string as_json(const report& r);

}  // namespace bench
