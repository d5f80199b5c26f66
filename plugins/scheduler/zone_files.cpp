#include "zone_files.hpp"

#include <fstream>
#include <iterator>

namespace scheduler {

namespace {

constexpr const char* folder = "/usr/share/zoneinfo/";
/// The largest file of the database has some 4 KiB.
constexpr std::size_t most_bytes = 1 << 20;

}  // namespace

troupe::result<time_zone> read_zone(const std::string& name) {
  if (!is_zone_name(name)) return troupe::failure{"\"" + name + "\" is no name of a time zone"};
  std::ifstream file{folder + name, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (!file || bytes.size() > most_bytes) {
    return troupe::failure{"the time zone " + name + " is not in " + folder +
                           "; install tzdata, or correct the name"};
  }
  return time_zone::from_tzif(bytes);
}

}  // namespace scheduler
