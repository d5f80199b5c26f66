// Large files go in small steps.
#include <catch2/catch.hpp>

#include <string>

#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/removal.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

constexpr std::uint64_t steps = 5;

/// A file of a few steps, durable with its name.
std::string large_file(testing::sim_disk& disk) {
  REQUIRE_FALSE(disk.make_directory(log_directory));
  const auto path = segment_path(1);
  auto file = disk.open(path, sdk::disk::mode::create);
  REQUIRE(file);
  REQUIRE_FALSE((*file)->truncate(steps * removal_step));
  REQUIRE_FALSE((*file)->sync());
  REQUIRE_FALSE(disk.sync_directory(log_directory));
  return path;
}

}  // namespace

TEST_CASE("a large file becomes shorter step by step, and is gone in the end", "[storage]") {
  testing::sim_disk disk{1};
  const auto path = large_file(disk);
  const auto before = disk.writes();
  CHECK_FALSE(remove_in_steps(disk, path));
  CHECK_FALSE(disk.exists(path));
  CHECK(disk.writes() - before == steps);  // all but the last step, and the name
  CHECK_FALSE(remove_in_steps(disk, path));
}

TEST_CASE("a file that is being removed is never found cut short", "[storage]") {
  // The name, its sync, the steps, the last name.
  for (std::uint64_t at = 0; at <= steps + 2; ++at) {
    INFO("the power goes after " << at << " changes");
    testing::sim_disk disk{at + 1};
    const auto path = large_file(disk);
    disk.crash_after_writes(at);
    CHECK(retire(disk, log_directory, {path}).has_value() == (at < steps + 2));
    disk.crash();
    if (!disk.exists(path)) continue;
    CHECK(*(*disk.open(path, sdk::disk::mode::read))->size() == steps * removal_step);
  }
}

}  // namespace troupe::storage::test
