/// Zones of the system, for tests.
#pragma once

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "core/time_zone.hpp"

namespace scheduler_tests {

inline std::string zone_bytes(const std::string& name) {
  std::ifstream file{"/usr/share/zoneinfo/" + name, std::ios::binary};
  if (!file) throw std::runtime_error("no zone " + name + "; is the package tzdata installed?");
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline scheduler::time_zone zone(const std::string& name) {
  auto read = scheduler::time_zone::from_tzif(zone_bytes(name));
  if (!read) throw std::runtime_error(name + ": " + read.error().message);
  return *read;
}

/// Seconds since the epoch of a date and time, as if it were UTC.
inline std::int64_t at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0,
                       int second = 0) {
  using namespace std::chrono;
  const sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
  return duration_cast<seconds>(date.time_since_epoch()).count() +
         (std::int64_t{hour} * 60 + minute) * 60 + second;
}

}  // namespace scheduler_tests
