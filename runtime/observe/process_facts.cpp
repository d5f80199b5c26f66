#include "runtime/observe/process_facts.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace troupe::observe {
namespace {

/// Fields of /proc/self/stat after the name of the program, which may hold anything but ends at the
/// last bracket; the first is the state, field 3 of proc(5).
std::vector<std::string> stat_fields() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  std::vector<std::string> fields;
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return fields;
  std::istringstream rest{line.substr(end_of_name + 1)};
  for (std::string one; rest >> one;)
    fields.push_back(one);
  return fields;
}

double boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

double open_files() {
  std::error_code error;
  double open = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    ++open;
  }
  return open;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::vector<sample> process_facts() {
  std::vector<sample> all;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    all.push_back({"process_cpu_seconds_total", "CPU time used, user and system.", true,
                   seconds(used.ru_utime) + seconds(used.ru_stime)});
  }
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    all.push_back({"process_max_fds", "Most file descriptors that may be open.", false,
                   static_cast<double>(files.rlim_cur)});
  }
  all.push_back({"process_open_fds", "Open file descriptors.", false, open_files()});
  // Numbers as in proc(5), less the two fields before the state and one because of zero.
  constexpr std::size_t threads = 20 - 3, start = 22 - 3, virtual_bytes = 23 - 3, resident = 24 - 3;
  const auto fields = stat_fields();
  if (fields.size() <= resident) return all;
  const auto number = [&](std::size_t at) { return std::stod(fields[at]); };
  all.push_back({"process_threads", "Threads.", false, number(threads)});
  all.push_back(
      {"process_virtual_memory_bytes", "Size of the address space.", false, number(virtual_bytes)});
  all.push_back({"process_resident_memory_bytes", "Memory in use.", false,
                 number(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE))});
  all.push_back({"process_start_time_seconds", "When the process started, since 1970.", false,
                 boot_time() + number(start) / static_cast<double>(::sysconf(_SC_CLK_TCK))});
  return all;
}

}  // namespace troupe::observe
