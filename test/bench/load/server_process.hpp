/// What the server's process costs, from /proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Processor time of a process since it began, in seconds.
struct processor_time {
  double user_s = 0;
  double system_s = 0;
};

/// Memory of a process in KiB: resident now, and at most so far.
struct memory_use {
  std::uint64_t resident_kib = 0;
  std::uint64_t peak_kib = 0;
};

/// The process that listens on TCP `port` of this machine; 0 when there is none to be seen.
int find_listener(const std::string& port);
/// The sum over the processes; empty when one is not there, or there are none.
std::optional<processor_time> processor_time_of(const std::vector<int>& pids);
std::optional<memory_use> memory_of(const std::vector<int>& pids);
/// Name of the program; empty when the process is not there.
std::string program_of(int pid);

}  // namespace bench
