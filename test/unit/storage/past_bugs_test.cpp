// Bugs that ZooKeeper has had, played on this storage (docs/zookeeper-bugs.md).
#include <catch2/catch.hpp>

#include "actors/storage/core/file_names.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

/// Transactions of epoch 1 from `from` to `to`, all durable, and a snapshot of the last.
void fill(stored_server& server, std::uint32_t from, std::uint32_t to) {
  for (auto i = from; i <= to; ++i)
    server.append({transaction(zxid::of(1, i))}, zxid::of(1, i - 1));
  server.run();
  server.begin_snapshot(zxid::of(1, to));
  server.run();
  REQUIRE(server.error.empty());
}

}  // namespace

TEST_CASE(
    "storage: ZOOKEEPER-335, 1081, 1082 a promise outlives a crash, and not by way of the log",
    "[storage]") {
  testing::sim_disk disk{1};
  {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    server.append({transaction(zxid::of(1, 1))}, {});
    server.run();
    REQUIRE(server.promise(9));
    disk.crash();
  }
  stored_server next{disk};
  REQUIRE(next.open());
  CHECK(next.facts.epochs.accepted == 9);
  CHECK(next.facts.log.last.zxid == zxid::of(1, 1));
}

TEST_CASE("storage: ZOOKEEPER-2307, 4269 a crash anywhere in a promise leaves the old or the new",
          "[storage]") {
  int old = 0, made = 0, left_behind = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (std::uint64_t operation = 0; operation < 8; ++operation) {
      CAPTURE(seed, operation);
      testing::sim_disk disk{seed};
      bool told = false;
      {
        stored_server server{disk};
        REQUIRE(server.open());
        REQUIRE(server.promise(4));
        server.run();
        disk.crash_after_writes(operation);
        told = server.promise(5);
        disk.crash();
      }
      left_behind += disk.exists(std::string{epochs_file} + ".tmp") ? 1 : 0;
      stored_server next{disk};
      REQUIRE(next.open());
      const auto accepted = next.facts.epochs.accepted;
      REQUIRE((accepted == 5 || (accepted == 4 && !told)));
      (accepted == 5 ? made : old) += 1;
      CHECK_FALSE(disk.exists(std::string{epochs_file} + ".tmp"));
      REQUIRE(next.promise(6));
    }
  }
  CHECK(old > 0);
  CHECK(made > 0);
  CHECK(left_behind > 0);
}

TEST_CASE("storage: ZOOKEEPER-3231 a damaged snapshot is none of those that are kept",
          "[storage]") {
  testing::sim_disk disk{1};
  {
    stored_server server{disk, small_segments(), 2};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    fill(server, 1, 60);
    fill(server, 61, 120);
    disk.kill();
  }
  const auto damaged = snapshot_path(zxid::of(1, 120));
  REQUIRE(disk.flip_bit(damaged, disk.content(damaged).size() / 2, 1));
  stored_server server{disk, small_segments(), 2};
  REQUIRE(server.open());
  REQUIRE(server.promise(1));
  fill(server, 121, 180);
  // Two are to be kept, and these are the two that are sound.
  CHECK(disk.exists(snapshot_path(zxid::of(1, 180))));
  CHECK(disk.exists(snapshot_path(zxid::of(1, 60))));
  disk.kill();
  const auto newest = snapshot_path(zxid::of(1, 180));
  REQUIRE(disk.flip_bit(newest, disk.content(newest).size() / 2, 1));
  stored_server next{disk, small_segments(), 2};
  REQUIRE(next.open());
  CHECK(next.facts.snapshot == zxid::of(1, 60));
  CHECK(next.facts.log.last.zxid == zxid::of(1, 180));
}

TEST_CASE("storage: ZOOKEEPER-2872 a snapshot of the leader that is installed survives the power",
          "[storage]") {
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (std::uint64_t operation = 0; operation < 60; operation += 3) {
      CAPTURE(seed, operation);
      testing::sim_disk disk{seed};
      prng random{seed};
      const history_point theirs{zxid::of(2, 7), 99};
      bool installed = false;
      {
        stored_server server{disk};
        REQUIRE(server.open());
        REQUIRE(server.promise(2));
        server.append({transaction(zxid::of(1, 1)), transaction(zxid::of(1, 2))}, {});
        server.run();
        disk.crash_after_writes(operation);
        installed = server.install(theirs, random);
        disk.crash();
      }
      stored_server next{disk};
      REQUIRE(next.open());
      const auto last = next.facts.log.last;
      // All of the new history, or all of the old one; whoever was told has the new one.
      REQUIRE((last == theirs || (!installed && last.zxid == zxid::of(1, 2))));
      if (last == theirs) {
        std::string content;
        for (const auto& chunk : chunks_at(theirs.zxid))
          content += chunk;
        REQUIRE(next.snapshot_content == content);
      }
      told += installed ? 1 : 0;
    }
  }
  CHECK(told > 0);
  CHECK(told < 200);
}

}  // namespace troupe::storage::test
