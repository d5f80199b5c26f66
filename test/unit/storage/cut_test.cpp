// Cutting the end of the history off. Crashes in the middle of it: crash_test.cpp.
#include <catch2/catch.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/core/memory_log.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

std::vector<encoded_txn> transactions(std::uint32_t epoch, std::uint32_t from, std::uint32_t to) {
  std::vector<encoded_txn> all;
  for (auto i = from; i <= to; ++i)
    all.push_back(transaction(zxid::of(epoch, i)));
  return all;
}

history_point point_after(const std::vector<encoded_txn>& txns, history_point from = {}) {
  for (const auto& one : txns)
    from = extend(from, one.zxid, one.body.view());
  return from;
}

}  // namespace

TEST_CASE("a cut removes what comes after it and nothing else, wherever it is (ZOOKEEPER-1156)",
          "[storage]") {
  constexpr std::uint32_t count = 60;
  for (std::uint32_t after = 0; after <= count; ++after) {
    INFO("cut after " << after);
    testing::sim_disk disk{1};
    prng random{after};
    const auto kept = transactions(1, 1, after);
    const auto place = zxid::of(after == 0 ? 0 : 1, after);
    {
      stored_server server{disk};
      REQUIRE(server.open());
      REQUIRE(server.promise(1));
      for (const auto& one : transactions(1, 1, count)) {
        server.append({one}, {});
        if (random.chance(1, 3)) server.run();
      }
      REQUIRE(server.cut(place, random));
      REQUIRE(server.decisions().history().last() == point_after(kept));
      REQUIRE_FALSE(disk.exists(cut_file));
      // Again, and again further up: nothing to do.
      REQUIRE(server.cut(place, random));
      if (after % 2 == 0) {
        REQUIRE(server.promise(2));
        server.append(transactions(2, 1, 20), {});
        server.run();
        REQUIRE(server.persisted == zxid::of(2, 20));
      }
      if (after % 3 == 0) REQUIRE(server.stop());
      REQUIRE(server.error.empty());
    }
    disk.crash();
    stored_server next{disk};
    INFO(next.error);
    REQUIRE(next.open());
    auto expected = kept;
    if (after % 2 == 0) {
      for (const auto& one : transactions(2, 1, 20))
        expected.push_back(one);
    }
    REQUIRE(next.facts.log.last == point_after(expected));
    REQUIRE(next.recovered.size() == expected.size());
  }
}

TEST_CASE("nothing that is committed, or in a snapshot, is ever cut off (ZOOKEEPER-1549)",
          "[storage]") {
  testing::sim_disk disk{1};
  stored_server server{disk};
  REQUIRE(server.open());
  REQUIRE(server.promise(1));
  server.append(transactions(1, 1, 10), zxid::of(1, 4));
  server.run();
  const auto& log = server.decisions();
  CHECK_FALSE(log.check_cut(zxid::of(1, 4)));
  CHECK_THAT(log.check_cut(zxid::of(1, 3))->message, Contains("committed"));
  server.begin_snapshot(zxid::of(1, 6));
  CHECK(log.check_cut(zxid::of(1, 5)));
  CHECK_FALSE(log.check_cut(zxid::of(1, 6)));
}

TEST_CASE("a failed sync of a cut ends the server (ZOOKEEPER-3701)", "[storage]") {
  for (std::uint64_t good = 0; good < 2; ++good) {
    testing::sim_disk disk{1};
    prng random{1};
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    server.append(transactions(1, 1, 10), {});
    server.run();
    disk.fail_sync_after(good);
    CHECK_FALSE(server.cut(zxid::of(1, 5), random));
    CHECK_THAT(server.error, Contains("Input/output error"));
  }
}

TEST_CASE("a damaged note of a cut stops the start", "[storage]") {
  testing::sim_disk disk{1};
  { REQUIRE(stored_server{disk}.open()); }
  disk.put(cut_file, "troupe-cut 1\nsegment 1\n");
  disk.kill();
  stored_server next{disk};
  CHECK_FALSE(next.open());
  CHECK_THAT(next.error, Contains("sim/cut") && Contains("Choices"));
}

TEST_CASE("the ends of epochs are known, also after cuts and starts", "[storage]") {
  testing::sim_disk disk{1};
  prng random{1};
  std::vector<zxid> ends;
  const auto ends_of = [](stored_server& server) {
    std::vector<zxid> found;
    for (const auto& one : server.decisions().history().epoch_ends())
      found.push_back(one.zxid);
    return found;
  };
  using zxids = std::vector<zxid>;
  {
    stored_server server{disk};
    REQUIRE(server.open());
    CHECK(ends_of(server).empty());
    for (std::uint32_t epoch = 1; epoch <= 3; ++epoch) {
      REQUIRE(server.promise(epoch));
      server.append(transactions(epoch, 1, 5 * epoch), {});
    }
    server.run();
    CHECK(ends_of(server) == zxids{zxid::of(1, 5), zxid::of(2, 10), zxid::of(3, 15)});
    REQUIRE(server.cut(zxid::of(2, 7), random));
    CHECK(ends_of(server) == zxids{zxid::of(1, 5), zxid::of(2, 7)});
  }
  disk.crash();
  stored_server next{disk};
  REQUIRE(next.open());
  CHECK(ends_of(next) == zxids{zxid::of(1, 5), zxid::of(2, 7)});
  CHECK(next.decisions().history().hash_at(zxid::of(1, 5)) ==
        point_after(transactions(1, 1, 5)).hash);
}

TEST_CASE("only so many ends of epochs are kept", "[storage]") {
  known_history history;
  for (std::uint32_t epoch = 1; epoch <= 100; ++epoch)
    history.add({zxid::of(epoch, 1), epoch});
  CHECK(history.epoch_ends().size() == known_history::most_epoch_ends);
  CHECK(history.epoch_ends().back() == history.last());
}

TEST_CASE("a history in memory is read, cut and bounded", "[storage]") {
  memory_log log{1000};
  std::vector<history_point> points{{}};
  for (std::uint32_t i = 1; i <= 20; ++i) {
    const encoded_txn one{zxid::of(1, i), blob{std::string_view{std::string(100, 'x')}}};
    points.push_back(extend(points.back(), one.zxid, one.body.view()));
    log.append({one});
  }
  CHECK(log.last() == points[20]);
  CHECK(log.log_after() == zxid::of(1, 10));
  CHECK_FALSE(log.read(zxid::of(1, 9), 100));
  CHECK_FALSE(log.read(zxid::of(1, 21), 100));
  const auto part = log.read(zxid::of(1, 10), 250);
  REQUIRE(part);
  CHECK(part->after == points[10]);
  CHECK(part->txns.size() == 3);
  CHECK(part->more);
  CHECK(log.read(zxid::of(1, 13), 10'000)->txns.size() == 7);
  CHECK_FALSE(log.read(zxid::of(1, 20), 10'000)->more);
  CHECK_FALSE(log.cut(zxid::of(1, 9)));
  REQUIRE(log.cut(zxid::of(1, 15)));
  CHECK(log.last() == points[15]);
  CHECK_FALSE(log.hash_at(zxid::of(1, 16)));
  CHECK(log.hash_at(zxid::of(1, 12)) == points[12].hash);
  REQUIRE(log.cut(zxid::of(1, 10)));
  CHECK(log.read(zxid::of(1, 10), 1)->txns.empty());
}

}  // namespace troupe::storage::test
