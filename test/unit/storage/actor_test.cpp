// The actors themselves: what they tell whom, and when they end.
#include <catch2/catch.hpp>

#include <cstdint>
#include <utility>

#include "actors/storage/wal_actor.hpp"
#include "test/unit/storage/house.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {

using Catch::Matchers::Contains;
using namespace std::chrono_literals;

TEST_CASE("storage.wal recovers, persists, stops cleanly and recovers again", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    CHECK(home.after(role::component::start{}) == lines{"ready"});
    CHECK(home.after(role_of::recover_next{}) == lines{"end 0x0 start 1"});
    CHECK(home.after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
    CHECK(home.after(one(1, 0)) == lines{"persisted 0x100000001"});
    home.tell(one(2, 1));
    home.tell(one(3, 1));
    const auto persisted = home.after(one(4, 3));
    CHECK(persisted.back() == "persisted 0x100000004");
    CHECK(persisted.size() <= 2);  // what waited went out together
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
  CHECK(disk.exists(clean_file));
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.tell(role_of::recover_next{});  // early is fine
  CHECK(home.after(role::component::start{}) == lines{"ready", "committed 3"});
  CHECK(home.after(role_of::recover_next{}) == lines{"uncommitted 1"});
  CHECK(home.after(role_of::recover_next{}) == lines{"end 0x100000004 start 2"});
  home.after(role::component::report_status{8});
  CHECK(home.all.status.token == 8);
  CHECK(home.all.status.facts.front() ==
        std::pair<std::string, std::string>{"last_zxid", "0x100000004"});
}

TEST_CASE("storage.wal asks for a snapshot, takes it, and recovers from it", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    int wanted = 0;
    for (std::uint32_t i = 1; i <= 30; ++i) {
      for (const auto& line : home.after(one(i, i - 1)))
        wanted += line == "snapshot wanted";
    }
    CHECK(wanted == 1);
    CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 30), 7}) == lines{"snapshot step"});
    CHECK(home.after(role_of::snapshot_chunk{blob{"tree"}}) == lines{"snapshot step"});
    CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot finished"});
    home.after(one(31, 31));
  }
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.after(role::component::start{});
  CHECK(home.after(role_of::recover_next{}) == lines{"snapshot 0x10000001e"});
  CHECK(home.after(role_of::recover_next{}) == lines{"chunk tree"});
  CHECK(home.after(role_of::recover_next{}) == lines{"committed 1"});
}

namespace {

/// Appends until the log has no room: what it said then, and the counter of what was refused.
std::pair<lines, std::uint32_t> fill_up(house& home) {
  std::uint32_t i = 1;
  lines last;
  while (last.empty() || last.back().starts_with("persisted")) {
    ++i;
    last = home.after(one(i, i - 1));
  }
  return {last, i};
}

void takes_writes_again(house& home) {
  home.timers.fire_all();
  CHECK(home.run() == lines{"space"});
  CHECK(home.after(role_of::write_epochs{{2, 2}}) == lines{"epochs 2"});
  role_of::append next;
  next.txns.push_back({zxid::of(2, 1), blob{std::string_view{"x"}}});
  CHECK(home.after(std::move(next)) == lines{"persisted 0x200000001"});
}

}  // namespace

TEST_CASE("storage.wal gives a snapshot up when the disk is full, and discards what has no room",
          "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  home.after(one(1, 0));
  disk.set_capacity(disk.used_bytes() + 10);
  CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 1), 7}) == lines{"snapshot failed"});
  home.timers.fire_all();
  CHECK(home.run() == lines{"snapshot wanted"});
  const auto [last, i] = fill_up(home);
  CHECK(last == lines{"no space in sim/log"});
  CHECK(home.after(one(i + 1, i)).empty());
  home.timers.fire_all();
  CHECK(home.run().empty());
  disk.set_capacity(1'000'000);
  takes_writes_again(home);
  CHECK(home.after(role::component::stop{}) == lines{"stopped"});
}

TEST_CASE("storage.wal outlives a process without file descriptors, as it does a full disk",
          "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  home.after(one(1, 0));
  SECTION("at the end of a snapshot, and at the beginning of the next") {
    home.after(role_of::snapshot_begin{zxid::of(1, 1), 7});
    CHECK(home.after(role_of::snapshot_chunk{blob{"tree"}}) == lines{"snapshot step"});
    disk.fail_opens(EMFILE);
    CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot failed"});
    home.timers.fire_all();
    CHECK(home.run() == lines{"snapshot wanted"});
    CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 1), 7}) == lines{"snapshot failed"});
    disk.fail_opens(0);
    home.timers.fire_all();
    CHECK(home.run() == lines{"snapshot wanted"});
    home.after(role_of::snapshot_begin{zxid::of(1, 1), 7});
    CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot finished"});
  }
  SECTION("when it needs a segment") {
    disk.fail_opens(EMFILE);
    CHECK(fill_up(home).first == lines{"no space in sim/log"});
    home.timers.fire_all();
    CHECK(home.run().empty());
    disk.fail_opens(0);
    takes_writes_again(home);
  }
  CHECK(home.after(role::component::stop{}) == lines{"stopped"});
}

TEST_CASE("storage.wal fails with a sentence, and acknowledges nothing afterwards", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  home.after(one(1, 0));
  SECTION("when a sync fails") {
    disk.fail_sync_after(0);
    CHECK(home.after(one(2, 1)) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("sim/log/0000000000000001.log") &&
                                    Contains("Input/output error") && Contains("Check the disk"));
  }
  SECTION("when the program makes a gap") {
    CHECK(home.after(one(3, 1)) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("does not follow"));
  }
  CHECK(home.after(one(2, 1)).empty());
}

TEST_CASE("storage.wal refuses a data directory that it must not use", "[storage]") {
  testing::sim_disk disk{1};
  { house{disk, wal_type(), small_options()}.open(); }
  disk.flip_bit(identity_file, 20, 1);
  disk.kill();
  house home{disk, wal_type(), small_options()};
  CHECK(home.after(role::component::start{}) == lines{"failed"});
  CHECK_THAT(home.all.reason, Contains("sim/identity") && Contains("Choices"));
}

TEST_CASE("storage.wal can be stopped at any time", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
  {
    house home{disk, wal_type(), small_options()};
    home.tell(role::component::start{});
    CHECK(home.after(role::component::stop{}).back() == "stopped");
  }
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    home.tell(one(1, 0));
    home.tell(role_of::snapshot_begin{zxid::of(1, 1), 7});
    const auto last = home.after(role::component::stop{});
    CHECK(last.back() == "stopped");
    CHECK(std::count(last.begin(), last.end(), "persisted 0x100000001") == 1);
  }
  CHECK(disk.exists(clean_file));
  CHECK(paths_in(disk, snapshot_directory).empty());
}

TEST_CASE("storage.memory keeps nothing and says so at once", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, memory_type()};
  CHECK(home.after(role::component::start{}) == lines{"ready"});
  CHECK(home.after(role_of::recover_next{}) == lines{"end 0x0 start 1"});
  CHECK(home.after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
  CHECK(home.after(one(1, 0)) == lines{"persisted 0x100000001"});
  CHECK(home.after(role_of::append{{}, zxid::of(1, 1)}).empty());
  CHECK(home.after(role_of::snapshot_begin{}) == lines{"snapshot step"});
  CHECK(home.after(role_of::snapshot_chunk{}) == lines{"snapshot step"});
  CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot finished"});
  CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  CHECK(disk.writes() == 0);
}

}  // namespace troupe::storage::test
