// Torn tails, damage, and everything else that a start may find.
#include <catch2/catch.hpp>

#include <functional>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/small_file.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr const char* first_segment = "log/0000000000000001.log";

std::vector<encoded_txn> transactions(std::uint32_t from, std::uint32_t to,
                                      std::uint32_t epoch = 1) {
  std::vector<encoded_txn> all;
  for (auto i = from; i <= to; ++i)
    all.push_back(transaction(zxid::of(epoch, i)));
  return all;
}

std::size_t size_of(const std::vector<encoded_txn>& all) {
  std::size_t size = 0;
  for (const auto& one : all)
    size += size_in_log(one);
  return size;
}

/// One segment for all.
journal_settings one_segment() {
  auto settings = small_segments();
  settings.first_segment_bytes = settings.segment_bytes = 65'536;
  return settings;
}

/// A log of three single batches and one of three transactions.
struct sample {
  testing::sim_disk disk{1};
  std::size_t last_batch = 0, end = 0;  ///< offsets in the first segment
  std::string content;

  explicit sample(bool clean = false) {
    stored_server server{disk, one_segment()};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    for (std::uint32_t i = 1; i <= 3; ++i) {
      server.append(transactions(i, i), {});
      server.run();
    }
    server.append(transactions(4, 6), zxid::of(1, 3));
    server.run();
    REQUIRE(server.persisted == zxid::of(1, 6));
    last_batch = segment_header_size + 3 * mark_size + size_of(transactions(1, 3));
    end = last_batch + mark_size + size_of(transactions(4, 6));
    if (clean) REQUIRE(server.stop());
    disk.kill();
    content = disk.content(first_segment);
  }
};

std::string epochs_of_zero() {
  return encode_facts("troupe-epochs", {{"accepted"}, {"current"}, {"start", 1}});
}

void expect_damage(testing::sim_disk& disk, const std::string& file) {
  stored_server server{disk, one_segment()};
  const auto before = disk.dump();
  CHECK_FALSE(server.open());
  CHECK_THAT(server.error, Contains(file) && Contains("offset") && Contains("Choices"));
  CHECK(disk.dump() == before);
  disk.kill();
}

/// Whole records of the last batch that end at or before `offset`.
std::uint32_t last_before(const sample& all, std::size_t offset) {
  auto at = all.last_batch + mark_size;
  std::uint32_t last = 3;
  for (const auto& one : transactions(4, 6)) {
    at += size_in_log(one);
    if (at <= offset) ++last;
  }
  return last;
}

}  // namespace

TEST_CASE("a tail torn at any byte of the last batch ends the log there", "[storage]") {
  const sample all;
  for (auto cut = all.last_batch; cut <= all.end; ++cut) {
    for (const auto filler : {'\0', '\xee'}) {
      INFO("cut at " << cut << " filler " << static_cast<int>(filler));
      testing::sim_disk disk{2};
      for (const auto* file : {identity_file, epochs_file})
        disk.put(file, all.disk.content(file));
      auto torn = all.content;
      for (auto i = cut; i < torn.size(); ++i)
        torn[i] = filler;
      disk.put(first_segment, torn);
      stored_server server{disk, one_segment()};
      REQUIRE(server.open());
      // A body that ends in the filler is whole although it was cut.
      REQUIRE(server.recovered.size() >= last_before(all, cut));
      REQUIRE(server.recovered.size() <= last_before(all, cut + record_alignment));
    }
  }
}

TEST_CASE("damage before the last batch is found at every byte, and nothing is changed",
          "[storage]") {
  const sample all;
  testing::sim_disk disk{2};
  for (const auto* file : {identity_file, epochs_file})
    disk.put(file, all.disk.content(file));
  disk.make_directory(snapshot_directory);
  disk.put(first_segment, all.content);
  for (std::size_t byte = 0; byte < all.last_batch; ++byte) {
    INFO("byte " << byte);
    const auto bit = static_cast<unsigned>(byte % 8);
    REQUIRE(disk.flip_bit(first_segment, byte, bit));
    expect_damage(disk, first_segment);
    disk.flip_bit(first_segment, byte, bit);
  }
  stored_server server{disk, one_segment()};
  REQUIRE(server.open());
  CHECK(server.recovered.size() == 6);
}

TEST_CASE("after a clean shutdown damage is found in the last batch, too", "[storage]") {
  const sample all{true};
  testing::sim_disk disk{2};
  for (const auto* file : {identity_file, epochs_file, clean_file}) {
    disk.put(file, all.disk.content(file));
  }
  disk.make_directory(snapshot_directory);
  disk.put(first_segment, all.content);
  for (std::size_t byte = 0; byte < all.content.size(); ++byte) {
    INFO("byte " << byte);
    REQUIRE(disk.flip_bit(first_segment, byte, 3));
    expect_damage(disk, first_segment);
    disk.flip_bit(first_segment, byte, 3);
  }
  stored_server server{disk, one_segment()};
  REQUIRE(server.open());
  CHECK(server.facts.clean);
  CHECK(server.recovered.size() == 6);
  CHECK_FALSE(disk.exists(clean_file));
  disk.crash();
  CHECK_FALSE(disk.exists(clean_file));
}

TEST_CASE("damage in a full segment is found at every byte, also where it ends", "[storage]") {
  testing::sim_disk disk{3};
  {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    for (std::uint32_t i = 1; i <= 40; ++i) {
      server.append(transactions(i, i), {});
      server.run();
    }
    REQUIRE(server.error.empty());
    disk.kill();
  }
  const auto second = decode_header(disk.content("log/0000000000000002.log")).header;
  REQUIRE(second);
  for (std::size_t byte = 0; byte < second->previous_end.offset; ++byte) {
    INFO("byte " << byte);
    REQUIRE(disk.flip_bit(first_segment, byte, 0));
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    REQUIRE_THAT(server.error, Contains(first_segment) && Contains("Choices"));
    disk.kill();
    disk.flip_bit(first_segment, byte, 0);
  }
  stored_server server{disk};
  REQUIRE(server.open());
  CHECK(server.recovered.size() == 40);
}

TEST_CASE("the choice that the message names gives up what it says", "[storage]") {
  sample all;
  REQUIRE(all.disk.flip_bit(first_segment, segment_header_size + mark_size + 40, 1));
  stored_server server{all.disk, one_segment()};
  REQUIRE_FALSE(server.open());
  const auto at = server.error.find("truncate -s ");
  REQUIRE(at != std::string::npos);
  const auto size = std::stoul(server.error.substr(at + 12));
  all.disk.put(first_segment, all.disk.content(first_segment).substr(0, size));
  stored_server next{all.disk, one_segment()};
  REQUIRE(next.open());
  CHECK_THAT(server.error, Contains("after " + to_text(next.facts.log.last.zxid)));
}

TEST_CASE("uncommitted transactions come after the committed ones", "[storage]") {
  sample all;
  stored_server server{all.disk, one_segment()};
  REQUIRE(server.open());
  CHECK(server.recovered_committed == 3);
  CHECK(server.recovered.size() == 6);
  CHECK(server.facts.log.committed == zxid::of(1, 3));
}

TEST_CASE("committed marks are noted at a clean shutdown", "[storage]") {
  sample all;
  {
    stored_server server{all.disk, one_segment()};
    REQUIRE(server.open());
    server.append({}, zxid::of(1, 5));
    REQUIRE(server.stop());
    all.disk.crash();
  }
  stored_server server{all.disk, one_segment()};
  REQUIRE(server.open());
  CHECK(server.recovered_committed == 5);
}

TEST_CASE("the data directory of another server is refused", "[storage]") {
  sample all;
  stored_server server{all.disk, one_segment(), 2, 9};
  REQUIRE_FALSE(server.open());
  CHECK_THAT(server.error, Contains("sim/identity") && Contains("belongs to server 1") &&
                               Contains("this is server 9"));
}

TEST_CASE("missing and damaged small files are refused", "[storage]") {
  const auto fails = [](const std::function<void(testing::sim_disk&)>& harm,
                        const std::string& expected) {
    sample all{true};
    harm(all.disk);
    stored_server server{all.disk, one_segment()};
    CHECK_FALSE(server.open());
    CHECK_THAT(server.error, Contains(expected));
  };
  fails([](auto& disk) { disk.remove(identity_file); }, "sim/identity is missing");
  fails([](auto& disk) { disk.remove(epochs_file); }, "sim/epochs is missing");
  fails([](auto& disk) { disk.flip_bit(identity_file, 20, 1); },
        "sim/identity: this file is damaged");
  fails([](auto& disk) { disk.flip_bit(epochs_file, 20, 1); }, "sim/epochs: this file is damaged");
  fails([](auto& disk) { disk.flip_bit(clean_file, 20, 1); }, "the last clean shutdown is damaged");
  fails([](auto& disk) { disk.put(epochs_file, epochs_of_zero()); }, "older than");
  fails([](auto& disk) { disk.remove(first_segment); }, "the last shutdown was clean");
}

TEST_CASE("a segment of another directory or of a newer program is named", "[storage]") {
  sample all;
  all.disk.put("log/0000000000000002.log", encode(segment_header{2, 77, {1, 64}, {}, 0}));
  stored_server server{all.disk, one_segment()};
  REQUIRE_FALSE(server.open());
  CHECK_THAT(server.error,
             Contains("log/0000000000000002.log") && Contains("another data directory"));
}

TEST_CASE("a segment that is missing in the middle is damage", "[storage]") {
  testing::sim_disk disk{3};
  {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    for (std::uint32_t i = 1; i <= 120; ++i) {
      server.append(transactions(i, i), {});
      server.run();
    }
  }
  REQUIRE(disk.exists("log/0000000000000003.log"));
  disk.kill();
  SECTION("the second") {
    disk.remove("log/0000000000000002.log");
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains(first_segment));
  }
  SECTION("the first") {
    disk.remove(first_segment);
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains("the log begins after transaction"));
  }
}

}  // namespace troupe::storage::test
