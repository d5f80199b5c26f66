// When the log is synced on the thread of the actors.
#include <catch2/catch.hpp>

#include "actors/storage/core/sync_pace.hpp"
#include "test/unit/storage/house.hpp"

namespace troupe::storage::test {
namespace {

using namespace std::chrono_literals;

sdk::option_values no_snapshots() {
  auto options = small_options();
  options.set("snapshot_transactions", std::int64_t{1000});
  return options;
}

/// Writes so many transactions that the disk is known. Returns the number of the newest.
std::uint32_t get_to_know_the_disk(house& home) {
  home.open();
  for (std::uint32_t i = 1; i <= sync_pace::trusted_after; ++i)
    home.after(one(i, i - 1));
  return sync_pace::trusted_after;
}

/// A transaction of clients who all write.
role_of::append bound(std::uint32_t counter) {
  auto message = one(counter, counter - 1);
  message.disk_bound = true;
  return message;
}

}  // namespace

TEST_CASE("a disk is quick after many quick syncs, until many slow ones or one very slow one",
          "[storage]") {
  sync_pace pace{500us};
  for (unsigned i = 0; i < sync_pace::trusted_after; ++i) {
    CHECK_FALSE(pace.is_quick());
    pace.took(499us);
  }
  CHECK(pace.is_quick());
  // Half as many quick ones make up for it, and a very slow one is as bad as many.
  CHECK(pace.is_quick());
  pace.took(1999us);
  for (unsigned i = 0; i < 6; ++i)
    pace.took(500us);
  CHECK(pace.is_quick());
  pace.took(500us);
  CHECK_FALSE(pace.is_quick());
  for (unsigned i = 0; i < sync_pace::trusted_after; ++i)
    pace.took(499us);
  CHECK(pace.is_quick());
  pace.took(2ms);
  CHECK_FALSE(pace.is_quick());
  sync_pace never{0us};
  for (unsigned i = 0; i < 2 * sync_pace::trusted_after; ++i)
    never.took(0us);
  CHECK_FALSE(never.is_quick());
}

TEST_CASE("clients who all write get a quick disk's answer without a worker", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), no_snapshots()};
    const auto known = get_to_know_the_disk(home);
    auto jobs = home.workers.ran;
    // Who reads is not kept waiting for those who write.
    CHECK(home.after(one(known + 1, 0)).size() == 1);
    CHECK(home.workers.ran == ++jobs);
    CHECK(home.after(bound(known + 2)) == lines{"persisted " + to_text(zxid::of(1, known + 2))});
    CHECK(home.workers.ran == jobs);
  }
  disk.crash();
  house home{disk, wal_type(), no_snapshots()};
  home.after(role::component::start{});
  home.after(role_of::recover_next{});
  home.after(role_of::recover_next{});
  CHECK(home.after(role_of::recover_next{}) == lines{"end 0x100000012 start 2"});
}

TEST_CASE("a member's lone writer is synced without a worker, after what waits for the thread",
          "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), no_snapshots()};
  auto last = get_to_know_the_disk(home);
  const auto alone = [&] {
    auto message = bound(++last);
    message.alone = true;
    return message;
  };
  auto jobs = home.workers.ran;
  const auto persisted = [&] { return lines{"persisted " + to_text(zxid::of(1, last))}; };
  CHECK(home.after(alone()).empty());
  home.timers.fire_all();  // the loop has nothing else to do
  CHECK(home.run() == persisted());
  CHECK(home.workers.ran == jobs);

  // Two at once: somebody else writes, too, and will for a while.
  CHECK(home.after(alone()).empty());
  CHECK(home.after(alone()).empty());
  home.timers.fire_all();
  CHECK(home.run() == persisted());
  jobs = home.workers.ran;
  const auto told = home.after(alone());
  CHECK(told == persisted());
  CHECK(home.workers.ran == ++jobs);

  // What came during a worker's sync is for the worker, too.
  home.tell(alone());
  home.tell(alone());
  home.run();
  CHECK(home.workers.ran == jobs + 2);
}

TEST_CASE("one very slow sync, and a worker waits for the disk", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), no_snapshots()};
  const auto known = get_to_know_the_disk(home);
  home.clock.step = 8ms;
  auto jobs = home.workers.ran;
  home.after(bound(known + 1));
  CHECK(home.workers.ran == jobs);
  home.after(bound(known + 2));
  CHECK(home.workers.ran == jobs + 1);
}

TEST_CASE("a sync that fails on the actors' thread ends storage as any other", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), no_snapshots()};
  const auto known = get_to_know_the_disk(home);
  disk.fail_sync_after(0);
  CHECK(home.after(bound(known + 1)) == lines{"failed"});
  CHECK(home.after(bound(known + 2)).empty());
}

}  // namespace troupe::storage::test
