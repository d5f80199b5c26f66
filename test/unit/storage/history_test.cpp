// Questions about the history and changes of it, asked of the actors.
#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>

#include "actors/storage/core/history.hpp"
#include "test/unit/storage/house.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

/// The history after transactions 1 to `count` of `one`.
history_point point_of(std::uint32_t count) {
  history_point point;
  for (std::uint32_t i = 1; i <= count; ++i)
    point = extend(point, zxid::of(1, i), "body");
  return point;
}

role_of::append later(std::uint32_t epoch, std::uint32_t counter) {
  return {{{zxid::of(epoch, counter), blob{std::string_view{"later"}}}}, {}, false};
}

/// 20 transactions, the first 10 known to be committed.
void fill(house& home) {
  for (std::uint32_t i = 1; i <= 20; ++i)
    home.after(one(i, std::min(i - 1, 10U)));
}

void check_questions(house& home) {
  CHECK(home.after(role_of::read_range{7, {}, 1'000'000}) == lines{"range 20"});
  CHECK(home.all.range.token == 7);
  CHECK(home.all.range.after == role_of::history_point{});
  CHECK(home.after(role_of::read_range{8, zxid::of(1, 5), 1}) == lines{"range 1 and more"});
  CHECK(home.all.range.txns.front().zxid == zxid::of(1, 6));
  CHECK(home.all.range.after == role_of::history_point{zxid::of(1, 5), point_of(5).hash});
  CHECK(home.after(role_of::read_range{9, zxid::of(1, 20), 100}) == lines{"range 0"});
  CHECK(home.all.range.after.hash == point_of(20).hash);
  for (const auto absent : {zxid::of(1, 21), zxid::of(2, 1), zxid::of(0, 3)}) {
    CHECK(home.after(role_of::read_range{10, absent, 100}) == lines{"gone"});
    CHECK(home.after(role_of::locate{11, absent}) == lines{"not located"});
  }
  CHECK(home.after(role_of::locate{12, zxid::of(1, 3)}) == lines{"located 0x100000003"});
  CHECK(home.all.located.hash == point_of(3).hash);
  CHECK(home.after(role_of::describe{13}) == lines{"described 0x100000014"});
  CHECK(home.all.described.last.hash == point_of(20).hash);
  CHECK(home.all.described.epoch_ends.size() == 1);
}

void check_truncation(house& home) {
  CHECK(home.after(role_of::truncate{zxid::of(1, 12)}) == lines{"truncated 0x10000000c"});
  CHECK(home.after(role_of::read_range{1, zxid::of(1, 12), 100}) == lines{"range 0"});
  CHECK(home.after(role_of::read_range{1, zxid::of(1, 13), 100}) == lines{"gone"});
  CHECK(home.after(role_of::truncate{zxid::of(1, 15)}) == lines{"truncated 0x10000000c"});
  CHECK(home.after(role_of::write_epochs{{2, 2}}) == lines{"epochs 2"});
  CHECK(home.after(later(2, 1)) == lines{"persisted 0x200000001"});
  CHECK(home.after(role_of::describe{13}) == lines{"described 0x200000001"});
  CHECK(home.all.described.epoch_ends ==
        std::vector<role_of::history_point>{{zxid::of(1, 12), point_of(12).hash},
                                            home.all.described.last});
  CHECK(home.after(role_of::read_range{1, zxid::of(1, 11), 1000}) == lines{"range 2"});
  CHECK(home.after(role_of::truncate{zxid::of(1, 9)}) == lines{"failed"});
  CHECK_THAT(home.all.reason, Contains("committed"));
}

}  // namespace

TEST_CASE("storage.wal answers about its history, and cuts it", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    CHECK(home.all.end.blank);
    fill(home);
    check_questions(home);
    check_truncation(home);
  }
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.open();
  CHECK(home.all.end.last == zxid::of(2, 1));
  CHECK_FALSE(home.all.end.blank);
  CHECK(home.all.end.epoch_ends.front() ==
        role_of::history_point{zxid::of(1, 12), point_of(12).hash});
  CHECK(home.after(role_of::read_range{1, {}, 100'000}) == lines{"range 13"});
  home.after(role::component::report_status{1});
  const std::pair<std::string, std::string> reach{"log_after_zxid", "0x0"};
  const auto& facts = home.all.status.facts;
  CHECK(std::find(facts.begin(), facts.end(), reach) != facts.end());
}

TEST_CASE("storage.memory answers about its history, and cuts it", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, memory_type()};
  home.open();
  CHECK(home.all.end.blank);
  fill(home);
  check_questions(home);
  check_truncation(home);
}

TEST_CASE("a server is blank until it has claimed an epoch, not only promised one", "[storage]") {
  testing::sim_disk disk{1};
  const auto start = [&](role_of::epochs then) {
    house home{disk, wal_type(), small_options()};
    home.after(role::component::start{});
    home.after(role_of::recover_next{});
    const auto blank = home.all.end.blank;
    home.after(role_of::write_epochs{then});
    return blank;
  };
  CHECK(start({4, 0}));
  disk.crash();
  CHECK(start({4, 4}));
  disk.crash();
  CHECK_FALSE(start({4, 4}));
}

TEST_CASE("a truncation and a description come after what was appended before", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  for (std::uint32_t i = 1; i <= 5; ++i)
    home.tell(one(i, 0));
  home.tell(role_of::describe{1});
  home.tell(role_of::truncate{zxid::of(1, 2)});
  home.tell(role_of::describe{2});
  home.tell(role_of::read_range{3, {}, 1000});
  const auto told = home.run();
  const std::vector<std::string> end{"persisted 0x100000005", "described 0x100000005",
                                     "truncated 0x100000002", "described 0x100000002"};
  auto rest = told;
  std::erase_if(rest, [](const auto& line) {
    return line.starts_with("range") || line == "gone" || line == "persisted 0x100000001";
  });
  CHECK(rest == end);
}

TEST_CASE("a range that was asked for before a cut is not given after it", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home);
  home.tell(role_of::read_range{1, zxid::of(1, 11), 1000});
  home.tell(role_of::truncate{zxid::of(1, 12)});
  CHECK(home.run() == lines{"gone", "truncated 0x10000000c"});
}

TEST_CASE("nothing is appended, and nothing else changed, during a truncation", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home);
  home.tell(role_of::truncate{zxid::of(1, 12)});
  SECTION("append") { home.tell(one(21, 0)); }
  SECTION("truncate") { home.tell(role_of::truncate{zxid::of(1, 12)}); }
  CHECK(home.run().front() == "failed");
  CHECK_THAT(home.all.reason, Contains("changed"));
}

TEST_CASE("a truncation to what is not in the history ends the server", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  fill(home);
  CHECK(home.after(role_of::write_epochs{{2, 2}}) == lines{"epochs 2"});
  home.after(later(2, 1));
  CHECK(home.after(role_of::truncate{zxid::of(1, 30)}) == lines{"failed"});
  CHECK_THAT(home.all.reason, Contains("not in it"));
}

TEST_CASE("a truncation waits for space, and lets its epoch go on", "[storage]") {
  testing::sim_disk disk{1};
  auto alone = std::make_unique<house>(disk, wal_type(), small_options());
  auto& home = *alone;
  home.open();
  fill(home);
  disk.set_capacity(disk.used_bytes());
  std::uint32_t i = 20;
  lines last;
  while (last.empty() || last.back().starts_with("persisted"))
    last = home.after(one(++i, 10));
  CHECK(last == lines{"no space in sim/log"});
  const auto kept = home.after(role_of::describe{1});
  const auto durable = home.all.described.last.zxid;
  CHECK(durable < zxid::of(1, i));
  CHECK(home.after(role_of::truncate{zxid::of(1, 12)}).empty());
  SECTION("until there is some") {
    disk.set_capacity(1'000'000);
    home.timers.fire_all();
    auto told = home.run();
    while (home.timers.size() > 0 && told.empty()) {
      home.timers.fire_all();
      told = home.run();
    }
    std::sort(told.begin(), told.end());
    CHECK(told == lines{"space", "truncated 0x10000000c"});
    CHECK(home.after(one(13, 10)) == lines{"persisted 0x10000000d"});
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
  SECTION("or until the server stops") {
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
    CHECK_FALSE(disk.exists(clean_file));
    disk.set_capacity(1'000'000);
    alone.reset();
    disk.kill();
    house next{disk, wal_type(), small_options()};
    next.open();
    CHECK((next.all.end.last == durable || next.all.end.last == zxid::of(1, 12)));
  }
}

TEST_CASE("a server that stops during a truncation ends it first, and then cleanly", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    fill(home);
    home.tell(role_of::truncate{zxid::of(1, 12)});
    const auto last = home.after(role::component::stop{});
    CHECK(last == lines{"truncated 0x10000000c", "stopped"});
  }
  CHECK(disk.exists(clean_file));
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.open();
  CHECK(home.all.end.last == zxid::of(1, 12));
}

}  // namespace troupe::storage::test
