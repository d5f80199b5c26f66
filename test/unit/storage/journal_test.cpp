// What is written when: batches, segments, snapshots. No disk.
#include <catch2/catch.hpp>

#include "actors/storage/core/journal.hpp"

namespace troupe::storage {
namespace {

using Catch::Matchers::Contains;

encoded_txn of_size(std::uint32_t counter, std::size_t size) {
  return {zxid::of(1, counter), blob{std::string_view{std::string(size, 'x')}}};
}

journal made(const journal_settings& settings) {
  journal_start start;
  start.epoch_promised = 1;
  return {settings, start, 1};
}

journal made() { return made({.first_segment_bytes = 4096, .segment_bytes = 100'000}); }

/// Gives the journal the segment that it wants.
void prepare(journal& log) {
  const auto wanted = log.take_preparation();
  REQUIRE(wanted);
  log.prepared({wanted->number, wanted->bytes, nullptr});
}

/// Says that a batch was written, as the writer would.
void written(journal& log, const batch& all, position begin) {
  written_batch done;
  if (all.next) begin = {all.next->number, segment_header_size};
  begin.offset += mark_size;
  for (const auto& one : all.txns) {
    done.points.push_back({one.zxid, one.zxid.value});
    begin.offset += size_in_log(one);
  }
  done.end = begin;
  log.written(done);
}

}  // namespace

TEST_CASE("what arrives during a sync goes out with the next", "[storage]") {
  auto log = made();
  prepare(log);
  CHECK_FALSE(log.append({of_size(1, 10)}, {}));
  const auto first = log.take_batch();
  REQUIRE(first);
  CHECK(first->txns.size() == 1);
  CHECK(first->next);
  log.append({of_size(2, 10)}, {});
  log.append({of_size(3, 10), of_size(4, 10)}, zxid::of(1, 1));
  CHECK_FALSE(log.take_batch());
  written(log, *first, {});
  CHECK(log.durable() == zxid::of(1, 1));
  const auto second = log.take_batch();
  REQUIRE(second);
  CHECK(second->txns.size() == 3);
  CHECK_FALSE(second->next);
  CHECK(second->committed == zxid::of(1, 1));
}

TEST_CASE("noting what is committed writes nothing by itself", "[storage]") {
  auto log = made();
  prepare(log);
  log.append({of_size(1, 10)}, {});
  const auto first = log.take_batch();
  written(log, *first, {});
  CHECK_FALSE(log.append({}, zxid::of(1, 1)));
  CHECK_FALSE(log.take_batch());
  CHECK(log.committed() == zxid::of(1, 1));
}

TEST_CASE("nothing is noted as committed that was not appended", "[storage]") {
  auto log = made();
  log.append({of_size(1, 10)}, zxid::of(1, 5));
  CHECK(log.committed() == zxid::of(1, 1));
}

TEST_CASE("gaps and epochs that were not promised are refused", "[storage]") {
  auto log = made();
  CHECK_FALSE(log.append({of_size(1, 1)}, {}));
  CHECK_THAT(log.append({of_size(1, 1)}, {})->message, Contains("does not follow"));
  CHECK_THAT(log.append({of_size(3, 1)}, {})->message, Contains("does not follow"));
  const encoded_txn later{zxid::of(2, 1), blob{"x"}};
  CHECK_THAT(log.append({later}, {})->message, Contains("promised"));
  log.promised(2);
  CHECK_FALSE(log.append({later}, {}));
}

TEST_CASE("segments grow from the first size to the usual one, and are made ahead", "[storage]") {
  auto log = made();
  std::vector<std::uint64_t> sizes;
  position end;
  std::uint64_t number = 0;
  for (std::uint32_t i = 1; i <= 3000; ++i) {
    if (const auto wanted = log.take_preparation()) {
      CHECK(wanted->number == ++number);
      sizes.push_back(wanted->bytes);
      log.prepared({wanted->number, wanted->bytes, nullptr});
    }
    log.append({of_size(i, 64)}, {});
    const auto next = log.take_batch();
    REQUIRE(next);  // never waits for a segment
    if (next->next) end = {next->next->number, segment_header_size};
    written(log, *next, end);
    end.offset += mark_size + size_in_log(next->txns.front());
  }
  REQUIRE(sizes.size() > 4);
  CHECK(sizes[0] == 4096);
  CHECK(sizes[1] == 16'384);
  CHECK(sizes[2] == 65'536);
  CHECK(sizes[3] == 100'000);
}

TEST_CASE("a record larger than any segment gets one that fits", "[storage]") {
  auto log = made();
  prepare(log);
  log.append({of_size(1, 10), of_size(2, 200'000), of_size(3, 10)}, {});
  const auto first = log.take_batch();
  REQUIRE(first);
  CHECK(first->txns.size() == 1);
  SECTION("made for it") {
    written(log, *first, {});
    const auto wanted = log.take_preparation();
    REQUIRE(wanted);
    CHECK_FALSE(wanted->grow);
    CHECK(wanted->number == 2);
    CHECK(wanted->bytes == segment_header_size + mark_size + record_size(200'000));
    log.prepared({2, wanted->bytes, nullptr});
  }
  SECTION("or grown, if it was made before") {
    log.append({}, {});
    const auto early = log.take_preparation();
    REQUIRE(early);
    log.prepared({2, 32'768, nullptr});
    written(log, *first, {});
    CHECK_FALSE(log.take_batch());
    const auto wanted = log.take_preparation();
    REQUIRE(wanted);
    REQUIRE(wanted->grow);
    CHECK(wanted->number == 2);
    CHECK_FALSE(log.take_batch());
    log.prepared({2, wanted->bytes, nullptr});
  }
  const auto second = log.take_batch();
  REQUIRE(second);
  REQUIRE(second->next);
  CHECK(second->next->number == 2);
  CHECK(second->txns.size() == 1);
}

TEST_CASE("a failed preparation is told once, tried again on demand, with the same number",
          "[storage]") {
  auto log = made();
  REQUIRE(log.take_preparation()->number == 1);
  CHECK_FALSE(log.take_space_change());
  log.not_prepared();
  CHECK(log.take_space_change() == false);
  CHECK_FALSE(log.take_space_change());
  CHECK_FALSE(log.take_preparation());
  log.append({of_size(1, 1)}, {});
  CHECK(log.waiting() == 0);  // of an epoch that was discarded
  CHECK(log.drained());
  log.retry();
  CHECK_FALSE(log.take_space_change());
  CHECK(log.take_preparation()->number == 1);
  log.prepared({1, 4096, nullptr});
  CHECK(log.take_space_change() == true);
  CHECK_FALSE(log.take_batch());
  log.promised(2);
  log.append({{zxid::of(2, 1), blob{std::string_view{"x"}}}}, {});
  CHECK(log.take_batch());
}

TEST_CASE("a snapshot is wanted after enough transactions or bytes, once", "[storage]") {
  for (const bool by_bytes : {false, true}) {
    auto log = made({.first_segment_bytes = 1'000'000,
                     .segment_bytes = 1'000'000,
                     .snapshot_log_bytes = by_bytes ? 10'000u : 1'000'000'000u,
                     .snapshot_transactions = by_bytes ? 1'000'000'000u : 100u});
    prepare(log);
    position end;
    std::uint32_t wanted_at = 0;
    for (std::uint32_t i = 1; i <= 200; ++i) {
      log.append({of_size(i, 16)}, {});
      const auto next = log.take_batch();
      if (next->next) end = {1, segment_header_size};
      written(log, *next, end);
      end.offset += mark_size + record_size(16);
      if (!log.take_snapshot_wanted()) continue;
      CHECK(wanted_at == 0);
      wanted_at = i;
    }
    INFO("wanted after " << wanted_at << " transactions");
    CHECK(wanted_at >= 50);
    CHECK(wanted_at <= 105);
    log.snapshot_begins(zxid::of(1, 150));
    CHECK(log.snapshot_hash() == zxid::of(1, 150).value);
    log.snapshot_finished(100);
    CHECK_FALSE(log.take_snapshot_wanted());
  }
}

TEST_CASE("a large snapshot is wanted again when half as much log follows it", "[storage]") {
  auto log = made({.first_segment_bytes = 1'000'000,
                   .segment_bytes = 1'000'000,
                   .snapshot_log_bytes = 1'000,
                   .snapshot_transactions = 10});
  prepare(log);
  log.snapshot_begins({});
  log.snapshot_finished(20'000);
  std::uint64_t bytes = 0;
  position end;
  for (std::uint32_t i = 1; bytes < 20'000; ++i) {
    log.append({of_size(i, 100)}, {});
    const auto next = log.take_batch();
    if (next->next) end = {1, segment_header_size};
    written(log, *next, end);
    bytes += mark_size + record_size(100);
    end.offset += mark_size + record_size(100);
    if (log.take_snapshot_wanted()) break;
  }
  CHECK(bytes >= 10'000);
  CHECK(bytes < 10'200);
}

TEST_CASE("a snapshot gets its hash once its transaction is durable", "[storage]") {
  auto log = made();
  prepare(log);
  log.append({of_size(1, 10)}, {});
  const auto first = log.take_batch();
  log.snapshot_begins(zxid::of(1, 1));
  CHECK_FALSE(log.snapshot_hash());
  written(log, *first, {});
  CHECK(log.snapshot_hash() == zxid::of(1, 1).value);
}

}  // namespace troupe::storage
