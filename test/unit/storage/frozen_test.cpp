// Files of format version 1, as they were written when it was new (test/frozen/storage/v1). They
// are read by every later version of the program; docs/formats.md says what is in them.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/storage/core/file_names.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

constexpr const char* frozen_directory = "test/frozen/storage/v1";

encoded_txn frozen_transaction(zxid at) { return {at, blob{"transaction " + to_text(at)}}; }

std::vector<encoded_txn> frozen_transactions(std::uint32_t epoch, std::uint32_t count) {
  std::vector<encoded_txn> all;
  for (std::uint32_t i = 1; i <= count; ++i)
    all.push_back(frozen_transaction(zxid::of(epoch, i)));
  return all;
}

/// A start that was killed, and one with a snapshot that was shut down cleanly.
void write_frozen(testing::sim_disk& disk) {
  {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    server.append(frozen_transactions(1, 3), zxid::of(1, 0));
    server.run();
    disk.kill();
  }
  stored_server server{disk};
  REQUIRE(server.open());
  REQUIRE(server.promise(2));
  server.append(frozen_transactions(2, 2), zxid::of(1, 3));
  server.run();
  server.append({}, zxid::of(2, 1));
  server.begin_snapshot(zxid::of(1, 3));
  REQUIRE(server.stop());
  REQUIRE(server.snapshots_finished == 1);
}

/// Copies the frozen files onto a simulated disk; gives their paths.
std::vector<std::string> thaw(testing::sim_disk& disk) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator{frozen_directory}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    paths.push_back(fs::relative(entry.path(), frozen_directory).string());
    disk.put(paths.back(), bytes);
  }
  return paths;
}

}  // namespace

TEST_CASE("files of format version 1 are read", "[storage]") {
  testing::sim_disk disk{1};
  REQUIRE(thaw(disk).size() == 6);
  stored_server server{disk};
  const bool opened = server.open();
  INFO(server.error);
  REQUIRE(opened);
  CHECK(server.facts.identity.instance == 0x1234);
  CHECK(server.facts.clean);
  CHECK(server.facts.epochs.accepted == 2);
  CHECK(server.facts.epochs.start_number == 3);
  REQUIRE(server.snapshot);
  CHECK(server.snapshot->zxid == zxid::of(1, 3));
  CHECK(server.snapshot->tree_digest == zxid::of(1, 3).value * 3);
  CHECK(server.snapshot->history_hash == 0x97ad73246e3fde3aULL);
  std::string content;
  for (const auto& chunk : chunks_at(zxid::of(1, 3)))
    content += chunk;
  CHECK(content.size() > 100);
  CHECK(server.snapshot_content == content);
  REQUIRE(server.recovered.size() == 2);
  CHECK(server.recovered_committed == 1);
  for (const auto& one : server.recovered)
    CHECK(one.body == frozen_transaction(one.zxid).body);
  CHECK(server.facts.log.last.zxid == zxid::of(2, 2));
}

TEST_CASE("files of format version 1 are written byte by byte as ever", "[storage]") {
  testing::sim_disk frozen{1}, fresh{1};
  write_frozen(fresh);
  for (const auto& path : thaw(frozen)) {
    INFO(path);
    CHECK(fresh.exists(path));
    // What zstd makes of a block may change with its version.
    if (!path.starts_with(snapshot_directory)) CHECK(fresh.content(path) == frozen.content(path));
  }
}

}  // namespace troupe::storage::test
