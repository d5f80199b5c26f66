// Full disks, failing writes and failing syncs.
#include <catch2/catch.hpp>

#include "actors/storage/core/file_names.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

void append_one(stored_server& server, std::uint32_t counter) {
  server.append({transaction(zxid::of(1, counter))}, zxid::of(1, counter - 1));
}

}  // namespace

TEST_CASE("a full disk discards what has no room, and goes on in a new epoch", "[storage]") {
  testing::sim_disk disk{1};
  stored_server server{disk};
  REQUIRE(server.open());
  REQUIRE(server.promise(1));
  server.run();
  disk.set_capacity(disk.used_bytes() + 1000);
  for (std::uint32_t i = 1; i <= 100; ++i) {
    append_one(server, i);
    server.run();
  }
  CHECK(server.error.empty());
  CHECK_FALSE(server.space);
  CHECK(server.space_changes == 1);
  const auto held = server.persisted;
  CHECK(held < zxid::of(1, 100));
  CHECK_FALSE(disk.exists(unfinished_segment));  // the space goes back

  server.retry();
  server.run();
  CHECK_FALSE(server.space);
  CHECK(server.space_changes == 1);
  CHECK(server.persisted == held);

  disk.set_capacity(1'000'000);
  server.retry();
  server.run();
  CHECK(server.space);
  CHECK(server.space_changes == 2);
  CHECK(server.persisted == held);  // the rest was discarded
  append_one(server, 101);          // sent before its sender knew
  server.run();
  CHECK(server.persisted == held);

  REQUIRE(server.promise(2));
  server.append({transaction(zxid::of(2, 1))}, held);
  server.run();
  CHECK(server.error.empty());
  CHECK(server.persisted == zxid::of(2, 1));
  disk.crash();
  stored_server next{disk};
  REQUIRE(next.open());
  CHECK(next.recovered.size() == held.counter() + 1);
  CHECK(next.recovered.back().zxid == zxid::of(2, 1));
}

TEST_CASE("a server stops cleanly on a full disk, with what was acknowledged", "[storage]") {
  testing::sim_disk disk{1};
  zxid acknowledged;
  {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    server.run();
    disk.set_capacity(disk.used_bytes());
    for (std::uint32_t i = 1; i <= 100; ++i)
      append_one(server, i);
    server.run();
    acknowledged = server.persisted;
    CHECK(server.decisions().drained());
    CHECK_FALSE(server.stop());  // no space for the mark: not a clean shutdown, and no loss
    CHECK_FALSE(disk.exists(clean_file));
    disk.kill();
  }
  disk.set_capacity(1'000'000);
  stored_server next{disk};
  REQUIRE(next.open());
  CHECK(next.facts.log.last.zxid == acknowledged);
}

TEST_CASE("a snapshot that finds no space is given up and leaves nothing behind", "[storage]") {
  const auto at = zxid::of(1, 6);
  std::size_t size = 0;
  for (const auto& chunk : chunks_at(at))
    size += chunk.size();
  REQUIRE(size > 1000);
  for (std::uint64_t room = 0; room < size + snapshot_header_size; room += 40) {
    INFO("room " << room);
    testing::sim_disk disk{1};
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    for (std::uint32_t i = 1; i <= 6; ++i)
      append_one(server, i);
    server.run();
    disk.set_capacity(disk.used_bytes() + room);
    server.begin_snapshot(at);
    server.run();
    REQUIRE(server.error.empty());
    if (server.snapshots_finished == 1) {
      CHECK(room > 100);  // compressed, it fits
      break;
    }
    CHECK(server.snapshots_failed == 1);
    CHECK(paths_in(disk, snapshot_directory).empty());

    server.decisions().retry_snapshot();
    CHECK(server.decisions().take_snapshot_wanted());
    CHECK_FALSE(server.decisions().take_snapshot_wanted());
    disk.set_capacity(1'000'000);
    server.begin_snapshot(at);
    server.run();
    CHECK(server.snapshots_finished == 1);
  }
}

// ZOOKEEPER-2247.
TEST_CASE("after a failed sync or write nothing is acknowledged, and nothing was lost",
          "[storage]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    testing::sim_disk disk{seed};
    prng random{seed};
    zxid acknowledged;
    {
      stored_server server{disk};
      REQUIRE(server.open());
      REQUIRE(server.promise(1));
      random.chance(1, 2) ? disk.fail_sync_after(random.below(30))
                          : disk.fail_write_after(random.below(30));
      for (std::uint32_t i = 1; i <= 200; ++i) {
        append_one(server, i);
        if (random.chance(1, 2)) server.step(random);
      }
      server.run();
      REQUIRE_THAT(server.error, Contains("Input/output error"));
      acknowledged = server.persisted;
      append_one(server, 201);
      server.run();
      REQUIRE(server.persisted == acknowledged);
    }
    random.chance(1, 2) ? disk.crash() : disk.kill();
    stored_server next{disk};
    REQUIRE(next.open());
    REQUIRE(next.facts.log.last.zxid >= acknowledged);
    REQUIRE(next.facts.log.last.zxid <= zxid::of(1, 200));
  }
}

TEST_CASE("what a start hands out survives a power cut, also after a sync that failed",
          "[storage]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    testing::sim_disk disk{seed};
    prng random{seed};
    {
      stored_server server{disk};
      REQUIRE(server.open());
      REQUIRE(server.promise(1));
      disk.fail_sync_after(random.below(30));
      for (std::uint32_t i = 1; i <= 200; ++i) {
        append_one(server, i);
        if (random.chance(1, 2)) server.step(random);
      }
      server.run();
      REQUIRE_THAT(server.error, Contains("Input/output error"));
      disk.kill();  // the process only: readers still see what the medium does not have
    }
    zxid handed_out;
    {
      stored_server server{disk};
      REQUIRE(server.open());
      handed_out = server.facts.log.last.zxid;
      disk.crash();
    }
    stored_server next{disk};
    INFO(next.error);
    REQUIRE(next.open());
    REQUIRE(next.facts.log.last.zxid == handed_out);
  }
}

}  // namespace troupe::storage::test
