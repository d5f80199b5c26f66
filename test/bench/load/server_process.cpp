#include "server_process.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace bench {

namespace {

constexpr int listening = 10;

void add_inodes(const std::string& table, unsigned port, std::set<std::string>& inodes) {
  std::ifstream in{table};
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields{line};
    std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
        timeout >> inode;
    const auto colon = local.rfind(':');
    if (colon != std::string::npos && std::strtol(state.c_str(), nullptr, 16) == listening &&
        std::strtoul(local.c_str() + colon + 1, nullptr, 16) == port) {
      inodes.insert("socket:[" + inode + "]");
    }
  }
}

bool has_one_of(const std::filesystem::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (const auto& fd : std::filesystem::directory_iterator{process / "fd", error}) {
    const auto target = std::filesystem::read_symlink(fd.path(), error);
    if (!error && inodes.contains(target.string())) {
      return true;
    }
  }
  return false;
}

std::uint64_t status_field(int pid, const std::string& name) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with(name + ":")) {
      return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10);
    }
  }
  return 0;
}

std::optional<processor_time> processor_time_of(int pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  if (!std::getline(in, line)) {
    return {};
  }
  // The name in parentheses may hold anything; 11 fields follow it before the times.
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  double user = 0;
  double system = 0;
  fields >> user >> system;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return processor_time{user / ticks, system / ticks};
}

}  // namespace

int find_listener(const std::string& port) {
  std::set<std::string> inodes;
  const auto number = static_cast<unsigned>(std::strtoul(port.c_str(), nullptr, 10));
  add_inodes("/proc/net/tcp", number, inodes);
  add_inodes("/proc/net/tcp6", number, inodes);
  if (inodes.empty()) {
    return 0;
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", error}) {
    const auto pid = std::atoi(entry.path().filename().c_str());
    if (pid > 0 && has_one_of(entry.path(), inodes)) {
      return pid;
    }
  }
  return 0;
}

std::optional<processor_time> processor_time_of(const std::vector<int>& pids) {
  processor_time sum;
  for (const auto pid : pids) {
    const auto one = processor_time_of(pid);
    if (!one) {
      return {};
    }
    sum.user_s += one->user_s;
    sum.system_s += one->system_s;
  }
  return pids.empty() ? std::nullopt : std::optional{sum};
}

std::optional<memory_use> memory_of(const std::vector<int>& pids) {
  memory_use sum;
  for (const auto pid : pids) {
    const memory_use one{status_field(pid, "VmRSS"), status_field(pid, "VmHWM")};
    if (one.resident_kib == 0) {
      return {};
    }
    sum.resident_kib += one.resident_kib;
    sum.peak_kib += one.peak_kib;
  }
  return pids.empty() ? std::nullopt : std::optional{sum};
}

std::string program_of(int pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/comm"};
  std::string name;
  std::getline(in, name);
  return name;
}

}  // namespace bench
