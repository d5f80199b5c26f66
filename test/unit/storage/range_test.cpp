// Reading the log while it is written, used again and cut.
#include <catch2/catch.hpp>

#include <algorithm>

#include "actors/storage/core/file_names.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

constexpr std::uint64_t instance = 0x1234;

/// A server with transactions 1 to `count` of epoch 1, in many segments.
struct filled {
  testing::sim_disk disk{1};
  stored_server server{disk};
  std::vector<history_point> points{{}};  ///< by counter

  explicit filled(std::uint32_t count) {
    REQUIRE(server.open());
    REQUIRE(server.promise(1));
    add(1, count);
  }
  void add(std::uint32_t from, std::uint32_t to) {
    for (auto i = from; i <= to; ++i) {
      const auto next = transaction(zxid::of(1, i));
      points.push_back(extend(points.back(), next.zxid, next.body.view()));
      server.append({next}, {});
      if (i % 3 == 0) server.run();
    }
    server.run();
    REQUIRE(server.error.empty());
  }
};

/// Reads everything after `after` in pieces. The number of transactions; 0 after any problem.
std::uint32_t read_all(filled& all, log_reader& reader, std::uint32_t after, std::size_t most) {
  auto next = after;
  while (true) {
    const auto at = zxid::of(next == 0 ? 0 : 1, next);
    const auto part = reader.read(all.server.extent_after(at), at, most);
    if (!part || !*part) return 0;
    if ((*part)->after != all.points[next]) return 0;
    for (const auto& one : (*part)->txns) {
      const auto expected = transaction(zxid::of(1, ++next));
      if (one.zxid != expected.zxid || !(one.body == expected.body)) return 0;
    }
    if (!(*part)->more) return next - after;
    if ((*part)->txns.empty()) return 0;
  }
}

}  // namespace

TEST_CASE("a range of the log is what was appended, wherever it begins and ends", "[storage]") {
  filled all{300};
  CHECK(all.server.decisions().history().segments_after({}).size() > 3);
  for (std::uint32_t after = 0; after < 300; ++after) {
    INFO("after " << after);
    log_reader reader{all.disk, instance};
    REQUIRE(read_all(all, reader, after, 1 + after * 37 % 5000) == 300 - after);
  }
}

TEST_CASE("several read on where they were, while the log grows", "[storage]") {
  filled all{100};
  log_reader reader{all.disk, instance};
  for (std::uint32_t last = 100; last < 400; last += 30) {
    for (const auto after : {0U, 50U, last - 1})
      REQUIRE(read_all(all, reader, after, 700) == last - after);
    all.add(last + 1, last + 30);
  }
}

TEST_CASE("what is not in the log is not given", "[storage]") {
  filled all{50};
  log_reader reader{all.disk, instance};
  const auto in_log = [&](zxid after) {
    const auto part = reader.read(all.server.extent_after(after), after, 100);
    REQUIRE(part);
    return part->has_value();
  };
  CHECK(in_log(zxid::of(1, 50)));
  CHECK_FALSE(in_log(zxid::of(0, 5)));
  CHECK_FALSE(in_log(zxid::of(1, 51)));
  CHECK_FALSE(in_log(zxid::of(2, 1)));
  for (std::uint32_t i = 0; i <= 50; ++i) {
    const auto at = zxid::of(i == 0 ? 0 : 1, i);
    const auto place = reader.locate(all.server.extent_after(at), at);
    REQUIRE((place && *place));
    CHECK((*place)->point == all.points[i]);
  }
}

TEST_CASE("a log that is removed or used again under its reader gives right bytes or none",
          "[storage]") {
  filled all{60};
  const auto old = all.server.extent_after({});
  log_reader slow{all.disk, instance};
  auto walk = log_walk{all.disk, instance, old};
  REQUIRE(walk.next());
  int given = 0, refused = 0;
  for (std::uint32_t i = 61; i <= 600; i += 20) {
    all.add(i, i + 19);
    all.server.begin_snapshot(zxid::of(1, i + 19));
    all.server.run();
    const auto part = slow.read(old, {}, 1'000'000);
    if (!part || !*part) {
      ++refused;
      continue;
    }
    ++given;
    REQUIRE((*part)->txns.size() == 60);
    for (std::uint32_t n = 1; n <= 60; ++n)
      REQUIRE((*part)->txns[n - 1].body == transaction(zxid::of(1, n)).body);
  }
  CHECK(given > 0);
  CHECK(refused > 0);
  CHECK(all.server.recycled > 0);
  // The file that was open all the time has other content by now.
  auto more = walk.next();
  while (more && *more)
    more = walk.next();
  CHECK((!more || walk.place().point == all.points[60]));

  const auto begin = all.server.decisions().history().log_after();
  CHECK(begin > zxid{});
  log_reader reader{all.disk, instance};
  CHECK(read_all(all, reader, begin.counter(), 2000) == 600 - begin.counter());
  CHECK(all.server.extent_after({}).segments.empty());
}

TEST_CASE("a damaged log is not read beyond the damage", "[storage]") {
  filled all{40};
  const auto segments = all.server.extent_after({}).segments;
  REQUIRE(segments.size() > 1);
  all.disk.flip_bit(segment_path(segments[0].number), 300, 1);
  log_reader reader{all.disk, instance};
  CHECK_FALSE(reader.read(all.server.extent_after({}), {}, 1'000'000));
  const auto next = segments[1].before.zxid;
  CHECK(read_all(all, reader, next.counter(), 1000) == 40 - next.counter());
}

TEST_CASE("after a start the log can be read as far back as it goes", "[storage]") {
  filled all{100};
  all.server.begin_snapshot(zxid::of(1, 90));
  all.server.run();
  all.disk.crash();
  stored_server next{all.disk};
  REQUIRE(next.open());
  CHECK(next.decisions().history().log_after() == zxid{});
  const auto part = log_reader{all.disk, instance}.read(next.extent_after({}), {}, 10'000'000);
  REQUIRE((part && *part));
  CHECK((*part)->txns.size() == 100);
}

}  // namespace troupe::storage::test
