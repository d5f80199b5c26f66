// Snapshots that come from other servers and go to them. Crashes in the middle: crash_test.cpp.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>

#include "test/unit/storage/house.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr std::uint64_t their_hash = 0xabc;

void fill(house& home, std::uint32_t from, std::uint32_t to) {
  for (auto i = from; i <= to; ++i)
    home.after(one(i, std::min(i - 1, 10U)));
}

/// The snapshot of another server at transaction 50, up to its end.
void receive(house& home) {
  CHECK(home.after(role_of::install_begin{zxid::of(1, 50), 7, their_hash}) ==
        lines{"installation step"});
  for (const auto* chunk : {"the ", "tree"}) {
    CHECK(home.after(role_of::install_chunk{blob{std::string_view{chunk}}}) ==
          lines{"installation step"});
  }
}

/// A finished snapshot of the server itself.
void snapshot(house& home, std::uint32_t at) {
  home.after(role_of::snapshot_begin{zxid::of(1, at), at});
  home.after(role_of::snapshot_chunk{blob{"own tree"}});
  CHECK(home.after(role_of::snapshot_end{}).back() == "snapshot finished");
}

void check_after_installation(house& home) {
  CHECK(home.after(role_of::describe{1}) == lines{"described 0x100000032"});
  CHECK(home.all.described.last.hash == their_hash);
  CHECK(home.all.described.log_after == zxid::of(1, 50));
  CHECK(home.after(role_of::locate{2, zxid::of(1, 50)}) == lines{"located 0x100000032"});
  CHECK(home.after(role_of::read_range{3, zxid::of(1, 20), 100}) == lines{"gone"});
  CHECK(home.after(one(51, 50)) == lines{"persisted 0x100000033"});
  CHECK(home.after(role_of::read_range{3, zxid::of(1, 50), 100}) == lines{"range 1"});
  CHECK(home.all.range.after == role_of::history_point{zxid::of(1, 50), their_hash});
}

}  // namespace

TEST_CASE("storage.wal takes the snapshot of another server for its history", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    fill(home, 1, 20);
    snapshot(home, 15);
    receive(home);
    SECTION("with nothing after it") {}
    SECTION("whatever was appended meanwhile") { fill(home, 21, 25); }
    CHECK(home.after(role_of::install_end{}) == lines{"installed 0x100000032"});
    const auto log = paths_in(disk, log_directory);
    CHECK(disk.content(log.front()).size() == segment_header_size + end_size);
    CHECK(log.size() <= 2);  // the next segment may be prepared
    check_after_installation(home);
    CHECK(paths_in(disk, snapshot_directory) == lines{"snapshots/0000000100000032.snapshot"});
  }
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.after(role::component::start{});
  CHECK(home.after(role_of::recover_next{}) == lines{"snapshot 0x100000032"});
  CHECK(home.after(role_of::recover_next{}) == lines{"chunk the tree"});
  CHECK(home.after(role_of::recover_next{}) == lines{"uncommitted 1"});
}

TEST_CASE("an installation that does not come to its end leaves the history alone (ZOOKEEPER-3642)",
          "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    fill(home, 1, 20);
    receive(home);
    SECTION("abandoned") {
      CHECK(home.after(role_of::install_abandon{}).empty());
      CHECK(home.after(role_of::install_end{}).empty());
    }
    SECTION("crashed") {}
    SECTION("stopped") { CHECK(home.after(role::component::stop{}) == lines{"stopped"}); }
    SECTION("without space") {
      disk.set_capacity(disk.used_bytes());
      CHECK(home.after(role_of::install_end{}) == lines{"installation failed"});
      CHECK(home.after(role_of::install_chunk{blob{"more"}}).empty());
      disk.set_capacity(1'000'000);
      CHECK(home.after(one(21, 10)) == lines{"persisted 0x100000015"});
    }
  }
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.open();
  CHECK(home.all.end.last >= zxid::of(1, 20));
  CHECK(home.all.end.last <= zxid::of(1, 21));
  CHECK(paths_in(disk, snapshot_directory).empty());
}

TEST_CASE("a snapshot of a tree that was replaced is given up, whenever it began", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home, 1, 20);
  receive(home);
  SECTION("after the history was replaced") {
    CHECK(home.after(role_of::install_end{}) == lines{"installed 0x100000032"});
    CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 10), 10}) == lines{"snapshot failed"});
  }
  SECTION("while it is being replaced") {
    home.tell(role_of::install_end{});
    const auto told = home.after(role_of::snapshot_begin{zxid::of(1, 10), 10});
    CHECK(std::count(told.begin(), told.end(), "installed 0x100000032") == 1);
    CHECK(std::count(told.begin(), told.end(), "snapshot failed") == 1);
  }
  home.after(one(51, 50));
  snapshot(home, 51);
  CHECK(home.all.reason.empty());
}

TEST_CASE("a second installation takes the place of one that was begun", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  receive(home);
  receive(home);
  CHECK(home.after(role_of::install_end{}) == lines{"installed 0x100000032"});
  check_after_installation(home);
}

TEST_CASE("an installation that is decided is carried out, even without descriptors for a while",
          "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home, 1, 20);
  receive(home);
  disk.fail_opens(EMFILE);
  CHECK(home.after(role_of::install_end{}).empty());
  home.timers.fire_all();
  CHECK(home.run().empty());
  disk.fail_opens(0);
  home.timers.fire_all();
  CHECK(home.run() == lines{"installed 0x100000032"});
  check_after_installation(home);
}

TEST_CASE("what an installation must not do ends the server", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home, 1, 20);
  SECTION("forget what is committed") {
    home.after(role_of::install_begin{zxid::of(1, 9), 7, their_hash});
    CHECK(home.after(role_of::install_end{}) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("committed"));
  }
  SECTION("come of an epoch that was not promised") {
    home.after(role_of::install_begin{zxid::of(2, 9), 7, their_hash});
    CHECK(home.after(role_of::install_end{}) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("promised"));
  }
  SECTION("be overtaken by an append") {
    receive(home);
    home.tell(role_of::install_end{});
    home.tell(one(21, 10));
    CHECK(home.run().front() == "failed");
  }
}

TEST_CASE("an own snapshot gives way to the history of another server", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home, 1, 20);
  home.after(role_of::snapshot_begin{zxid::of(1, 15), 7});
  receive(home);
  CHECK(home.after(role_of::install_end{}) == lines{"snapshot failed", "installed 0x100000032"});
  // The tree may have begun another one of its old state meanwhile.
  CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 50), 7}) == lines{"snapshot failed"});
  home.after(one(51, 50));
  snapshot(home, 51);
}

TEST_CASE("storage.wal gives its newest snapshot to several readers", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  CHECK(home.after(role_of::read_snapshot{1, {}}) == lines{"reader 1 none"});
  fill(home, 1, 20);
  snapshot(home, 15);
  CHECK(home.after(role_of::read_snapshot{2, {}}) == lines{"reader 2 begins 0x10000000f"});
  CHECK(home.all.begin.tree_digest == 15);
  home.after(role_of::locate{1, zxid::of(1, 15)});
  CHECK(home.all.begin.history_hash == home.all.located.hash);
  snapshot(home, 18);
  CHECK(home.after(role_of::read_snapshot{3, {}}) == lines{"reader 3 begins 0x100000012"});
  for (const auto token : {2U, 3U}) {
    const auto reader = "reader " + std::to_string(token);
    CHECK(home.after(role_of::next_snapshot_chunk{token}) == lines{reader + " own tree"});
    CHECK(home.after(role_of::next_snapshot_chunk{token}) == lines{reader + " ends"});
  }
  home.after(role_of::read_snapshot{4, {}});
  home.after(role_of::read_snapshot{5, {}});
  CHECK(home.after(role_of::read_snapshot{6, {}}) == lines{"reader 6 busy"});
  CHECK(home.after(role_of::release_snapshot{2}).empty());
  CHECK(home.after(role_of::next_snapshot_chunk{2}) == lines{"reader 2 none"});
  CHECK(home.after(role_of::read_snapshot{7, {}}) == lines{"reader 7 begins 0x100000012"});
  home.tell(role_of::read_snapshot{6, {}});
  home.tell(role_of::release_snapshot{7});
  CHECK(home.after(role::component::stop{}).back() == "stopped");
}

TEST_CASE("a snapshot that is read stays, and the log after it", "[storage]") {
  testing::sim_disk disk{1};
  auto options = small_options();
  options.set("snapshots_kept", std::int64_t{1});
  house home{disk, wal_type(), options};
  home.open();
  fill(home, 1, 100);
  snapshot(home, 10);
  home.after(role_of::read_snapshot{1, {}});
  for (std::uint32_t i = 101; i <= 1000; i += 100) {
    fill(home, i, i + 99);
    snapshot(home, i + 50);
  }
  CHECK(home.after(role_of::next_snapshot_chunk{1}) == lines{"reader 1 own tree"});
  CHECK(home.after(role_of::read_range{2, zxid::of(1, 10), 1}) == lines{"range 1 and more"});
  CHECK(home.after(role_of::release_snapshot{1}).empty());
  fill(home, 1001, 1100);
  snapshot(home, 1100);
  CHECK(home.after(role_of::read_range{2, zxid::of(1, 10), 1}) == lines{"gone"});
  CHECK(home.all.range.log_after > zxid::of(1, 10));
  CHECK(home.all.range.log_after <= zxid::of(1, 1100));
}

TEST_CASE("who reads a snapshot is told when it goes, or is damaged", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home, 1, 20);
  snapshot(home, 15);
  home.after(role_of::read_snapshot{1, {}});
  SECTION("another history") {
    receive(home);
    CHECK(home.after(role_of::install_end{}) == lines{"installed 0x100000032"});
    CHECK(home.after(role_of::next_snapshot_chunk{1}) == lines{"reader 1 none"});
    CHECK(home.after(role_of::read_snapshot{2, {}}) == lines{"reader 2 begins 0x100000032"});
    CHECK(home.after(role_of::next_snapshot_chunk{2}) == lines{"reader 2 the tree"});
  }
  SECTION("damage") {
    disk.flip_bit("snapshots/000000010000000f.snapshot", 90, 1);
    CHECK(home.after(role_of::next_snapshot_chunk{1}) == lines{"snapshot wanted", "reader 1 none"});
    // The next one can be read.
    CHECK(home.after(role_of::read_snapshot{2, {}}) == lines{"snapshot wanted", "reader 2 busy"});
  }
}

TEST_CASE("storage.memory gives and takes snapshots", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, memory_type()};
  home.open();
  CHECK(home.after(role_of::read_snapshot{1, {}}) == lines{"reader 1 none"});
  fill(home, 1, 20);
  CHECK(home.after(role_of::read_snapshot{2, {}}) == lines{"snapshot wanted"});
  CHECK(home.after(role_of::read_snapshot{3, {}}).empty());
  home.after(role_of::snapshot_begin{zxid::of(1, 20), 9});
  home.after(role_of::snapshot_chunk{blob{"tree"}});
  CHECK(home.after(role_of::snapshot_end{}) ==
        lines{"snapshot finished", "reader 2 begins 0x100000014", "reader 3 begins 0x100000014"});
  CHECK(home.after(role_of::next_snapshot_chunk{3}) == lines{"reader 3 tree"});
  CHECK(home.after(role_of::next_snapshot_chunk{3}) == lines{"reader 3 ends"});
  CHECK(home.after(role_of::release_snapshot{3}).empty());
  CHECK(home.after(role_of::next_snapshot_chunk{3}) == lines{"reader 3 none"});
  receive(home);
  CHECK(home.after(role_of::install_end{}) == lines{"installed 0x100000032"});
  CHECK(home.after(role_of::next_snapshot_chunk{2}) == lines{"reader 2 none"});
  check_after_installation(home);
}

TEST_CASE("a member stays one, also before it has claimed an epoch", "[storage]") {
  testing::sim_disk disk{1};
  const auto start = [&](role_of::epochs then) {
    house home{disk, wal_type(), small_options()};
    home.after(role::component::start{});
    home.after(role_of::recover_next{});
    const auto blank = home.all.end.blank;
    home.after(role_of::write_epochs{then});
    return blank;
  };
  CHECK(start({4, 0, false}));
  disk.crash();
  CHECK(start({4, 0, true}));
  disk.crash();
  CHECK_FALSE(start({5, 0, false}));
  disk.crash();
  CHECK_FALSE(start({5, 5, false}));
}

}  // namespace troupe::storage::test
