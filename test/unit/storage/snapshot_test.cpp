// Snapshot files, which of them are kept, and what happens when one is damaged.
#include <catch2/catch.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/snapshot_reader.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr std::uint64_t instance = 5;
const zxid at = zxid::of(1, 9);

std::string chunk_of(std::size_t size, char first) {
  std::string chunk(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    chunk[i] = static_cast<char>(first + i % 7);
  return chunk;
}

void write(testing::sim_disk& disk, const std::vector<std::string>& chunks) {
  disk.make_directory(snapshot_directory);
  snapshot_writer writer{disk, instance, at, 77};
  REQUIRE_FALSE(writer.begin());
  for (const auto& chunk : chunks)
    REQUIRE_FALSE(writer.add(chunk));
  REQUIRE_FALSE(writer.finish(88));
}

/// Appends and snapshots in turns.
void fill(stored_server& server, std::uint32_t from, std::uint32_t to, std::uint32_t every) {
  for (auto i = from; i <= to; ++i) {
    server.append({transaction(zxid::of(1, i))}, zxid::of(1, i - 1));
    server.run();
    if (i % every != 0) continue;
    server.begin_snapshot(zxid::of(1, i));
    server.run();
  }
  REQUIRE(server.error.empty());
}

}  // namespace

TEST_CASE("a snapshot comes back in order and is cut only between chunks", "[storage]") {
  testing::sim_disk disk{1};
  const std::vector<std::string> chunks{chunk_of(10, 'a'),      chunk_of(200'000, 'b'),
                                        chunk_of(100'000, 'c'), chunk_of(700'000, 'd'),
                                        std::string{},          chunk_of(3, 'e')};
  write(disk, chunks);
  auto reader = snapshot_reader::open(disk, instance, at);
  REQUIRE(reader);
  CHECK((*reader)->header().tree_digest == 77);
  CHECK((*reader)->header().history_hash == 88);
  std::vector<std::string> pieces;
  while (true) {
    const auto piece = (*reader)->next();
    REQUIRE(piece);
    if (!*piece) break;
    pieces.emplace_back((*piece)->view());
  }
  CHECK(pieces == std::vector<std::string>{chunks[0] + chunks[1], chunks[2], chunks[3], chunks[5]});
}

TEST_CASE("a snapshot with any byte changed, cut or added is not sound", "[storage]") {
  testing::sim_disk disk{1};
  write(disk, {chunk_of(3000, 'a'), chunk_of(300'000, 'b')});
  const auto path = snapshot_path(at);
  const auto content = disk.content(path);
  const auto sound = [&] {
    auto reader = snapshot_reader::open(disk, instance, at);
    return reader.ok() && !(*reader)->verify();
  };
  REQUIRE(sound());
  for (std::size_t byte = 0; byte < content.size(); ++byte) {
    INFO("byte " << byte);
    disk.flip_bit(path, byte, static_cast<unsigned>(byte % 8));
    REQUIRE_FALSE(sound());
    disk.put(path, content.substr(0, byte));
    REQUIRE_FALSE(sound());
    disk.put(path, content);
  }
  disk.put(path, content + "x");
  CHECK_FALSE(sound());
}

TEST_CASE("the newest snapshots are kept, with all of the log after the oldest", "[storage]") {
  testing::sim_disk disk{1};
  stored_server server{disk, small_segments(), 2};
  REQUIRE(server.open());
  REQUIRE(server.promise(1));
  fill(server, 1, 60, 60);
  CHECK(disk.exists("log/0000000000000001.log"));  // one snapshot alone is no reason to remove
  fill(server, 61, 300, 60);
  CHECK(paths_in(disk, snapshot_directory) ==
        std::vector<std::string>{snapshot_path(zxid::of(1, 240)), snapshot_path(zxid::of(1, 300))});
  CHECK_FALSE(disk.exists("log/0000000000000001.log"));
  CHECK(server.recycled > 0);
  CHECK(paths_in(disk, log_directory).size() < 10);
}

TEST_CASE("a segment stays until the one after it is durable, too", "[storage]") {
  testing::sim_disk disk{1};
  disk.make_directory(log_directory);
  write(disk, {});  // at 1:9
  disk.put(segment_path(1), encode(segment_header{1, instance, {}, {}, 0}));
  // Begun, but not synced yet.
  auto next = disk.open(segment_path(2), sdk::disk::mode::create);
  const auto header = encode(segment_header{2, instance, {1, 64}, at, 0});
  REQUIRE_FALSE((*next)->write_at(0, std::as_bytes(std::span{header})));
  for (std::uint64_t number = 3; number < 6; ++number) {
    disk.put(segment_path(number), std::string(100, '\0'));  // prepared
  }
  housekeeper keeper{disk, instance, 1};
  REQUIRE_FALSE(keeper.tidy(1));
  const auto early = keeper.prepare({6, 50, {}});
  CHECK(disk.exists(segment_path(1)));
  REQUIRE_FALSE(keeper.tidy(2));
  const auto late = keeper.prepare({7, 50, {}});
  CHECK_FALSE(disk.exists(segment_path(1)));  // is the seventh now
  CHECK(disk.content(segment_path(7)).starts_with("troupelg"));
  CHECK(paths_in(disk, log_directory).size() == 6);
}

TEST_CASE("a damaged snapshot is made up for by an older one and the log", "[storage]") {
  testing::sim_disk disk{1};
  {
    stored_server server{disk, small_segments(), 2};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    fill(server, 1, 130, 60);
    disk.kill();
  }
  const auto newest = snapshot_path(zxid::of(1, 120)), older = snapshot_path(zxid::of(1, 60));
  REQUIRE(disk.exists(older));
  REQUIRE(disk.flip_bit(newest, disk.content(newest).size() / 2, 1));
  SECTION("the older one is used") {
    stored_server server{disk};
    REQUIRE(server.open());
    CHECK(server.facts.snapshot == zxid::of(1, 60));
    CHECK(server.facts.log.last.zxid == zxid::of(1, 130));
    CHECK(server.recovered.size() == 70);
    REQUIRE(server.facts.warnings.size() == 1);
    CHECK_THAT(server.facts.warnings[0], Contains(newest) && Contains("damaged"));
  }
  SECTION("with the older one damaged, too, and the log no longer complete, the start fails") {
    REQUIRE(disk.flip_bit(older, disk.content(older).size() / 2, 1));
    disk.remove("log/0000000000000001.log");
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains(newest) && Contains(older) && Contains("Choices"));
  }
  SECTION("a log that does not reach the damaged one cannot make up for it") {
    for (const auto& path : paths_in(disk, log_directory)) {
      const auto header = decode_header(disk.content(path)).header;
      if (!header || header->previous > zxid::of(1, 70)) disk.remove(path);
    }
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains(newest) && Contains("cannot make up for it"));
  }
}

// ZOOKEEPER-2325, 3056.
TEST_CASE("a snapshot without its log, or of another history, is refused", "[storage]") {
  testing::sim_disk disk{1};
  {
    stored_server server{disk, small_segments(), 2};
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    fill(server, 1, 30, 20);
    disk.kill();
  }
  SECTION("no log") {
    for (const auto& path : paths_in(disk, log_directory))
      disk.remove(path);
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains("the log is missing"));
  }
  SECTION("another history") {
    snapshot_writer writer{disk, 0x1234, zxid::of(1, 25), 1};
    REQUIRE_FALSE(writer.begin());
    REQUIRE_FALSE(writer.finish(4711));
    stored_server server{disk};
    REQUIRE_FALSE(server.open());
    CHECK_THAT(server.error, Contains("history differs"));
  }
}

}  // namespace troupe::storage::test
