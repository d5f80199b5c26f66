#include "actors/gateway/zookeeper/machine_facts.hpp"

#include <array>
#include <filesystem>

#include <pwd.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <troupe/sdk/sockets.hpp>

namespace troupe::zk {
namespace {

std::string megabytes(std::uint64_t units, std::uint64_t unit_bytes) {
  return std::to_string(units * unit_bytes / (1024 * 1024)) + "MB";
}

std::pair<std::string, std::string> user_and_home() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found) {
    return {std::to_string(getuid()), ""};
  }
  return {found->pw_name, found->pw_dir};
}

}  // namespace

named_values environment_of_process(const std::string& version) {
  utsname os{};
  uname(&os);
  struct sysinfo memory {};
  sysinfo(&memory);
  const auto [user, home] = user_and_home();
  std::error_code ignored;  // a directory that was deleted has no name: an empty one is the truth
  return {{"zookeeper.version", version},
          {"host.name", os.nodename},
          {"os.name", os.sysname},
          {"os.arch", os.machine},
          {"os.version", os.release},
          {"user.name", user},
          {"user.home", home},
          {"user.dir", std::filesystem::current_path(ignored).string()},
          {"os.memory.free", megabytes(memory.freeram, memory.mem_unit)},
          {"os.memory.max", megabytes(memory.totalram, memory.mem_unit)},
          {"os.memory.total", megabytes(memory.totalram, memory.mem_unit)}};
}

std::pair<std::uint64_t, std::uint64_t> open_and_most_files() {
  std::error_code error;
  std::uint64_t open = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    ++open;
  }
  return {open, sdk::file_limit()};
}

}  // namespace troupe::zk
