// Damage on a member of an ensemble: the history is put aside, and comes back from the others.
#include <catch2/catch.hpp>

#include <algorithm>

#include "actors/storage/files/replacement.hpp"
#include "test/unit/storage/house.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr std::uint32_t promised = 3, claimed = 1;
constexpr std::uint32_t last = 60;

/// The disk of a member whose history is an ensemble's: two snapshots, several segments.
struct member_disk {
  testing::sim_disk disk;

  explicit member_disk(std::uint64_t seed, bool shared = true) : disk{seed} {
    stored_server server{disk};
    REQUIRE(server.open());
    REQUIRE(server.promise(claimed));
    for (std::uint32_t i = 1; i <= last; ++i) {
      server.append({transaction(zxid::of(1, i))}, zxid::of(1, i - 1));
      server.run();
      if (i != 20 && i != 40) continue;
      server.begin_snapshot(zxid::of(1, i));
      server.run();
    }
    const auto before = server.facts.epochs;
    auto after = before;
    after.accepted = promised;
    after.shared = shared;
    REQUIRE(!write_epochs(disk, after, before));
    REQUIRE(server.snapshots_finished == 2);
    disk.kill();
  }

  [[nodiscard]] std::string oldest_segment() { return paths_in(disk, log_directory).front(); }
  void flip_snapshots() {
    for (const auto& path : paths_in(disk, snapshot_directory))
      REQUIRE(disk.flip_bit(path, disk.content(path).size() / 2, 2));
  }
  /// In the middle of the segment that the newest snapshot does not cover.
  void flip_log() {
    const auto all = paths_in(disk, log_directory);
    for (auto path = all.rbegin(); path != all.rend(); ++path) {
      const auto header = decode_header(disk.content(*path)).header;
      if (!header || header->previous > zxid::of(1, 50)) continue;
      REQUIRE(disk.flip_bit(*path, segment_header_size + 20, 3));
      return;
    }
  }
  void harm(const std::string& what) {
    if (what != "snapshots") flip_log();
    if (what != "log") flip_snapshots();
    // The log must not reach back to the beginning, or it makes up for the snapshots.
    if (what != "snapshots") return;
    disk.remove(oldest_segment());
    disk.sync_directory(log_directory);
  }
};

result<std::unique_ptr<recovery>> start(testing::sim_disk& disk,
                                        on_damage policy = on_damage::replace) {
  return recovery::open(disk, {1}, 0x1234, policy);
}

std::size_t files_below(testing::sim_disk& disk, const std::string& directory) {
  return paths_in(disk, directory).size();
}

/// As a member that waits for its leader: nothing but promises and claims.
void check_put_aside(testing::sim_disk& disk, const recovered_facts& facts) {
  CHECK(facts.log.last == history_point{});
  CHECK_FALSE(facts.snapshot);
  CHECK(facts.epochs.accepted == promised);
  CHECK(facts.epochs.current == claimed);
  CHECK(facts.epochs.shared);
  CHECK_FALSE(facts.epochs.member);
  CHECK(facts.epochs.incomplete);
  CHECK(files_below(disk, snapshot_directory) == 0);
  CHECK(files_below(disk, log_directory) == 0);
  CHECK_THAT(facts.evidence, Contains("sim/damaged-"));
}

std::string damaged_place() { return GENERATE(as<std::string>{}, "log", "snapshots", "both"); }

sdk::option_values replacing() {
  auto options = small_options();
  options.set("damage", std::string{"replace"});
  return options;
}

}  // namespace

TEST_CASE("a damaged history is put aside, and this server is no member any more", "[storage]") {
  member_disk all{1};
  const auto what = damaged_place();
  CAPTURE(what);
  all.harm(what);
  const auto before = files_below(all.disk, log_directory);
  SECTION("not without being told to") {
    const auto dump = all.disk.dump();
    const auto opened = start(all.disk, on_damage::stop);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Contains("Choices"));
    CHECK(all.disk.dump() == dump);
  }
  SECTION("if it is told to") {
    auto opened = start(all.disk);
    REQUIRE(opened);
    const auto& facts = (*opened)->facts();
    check_put_aside(all.disk, facts);
    CHECK_THAT(facts.replaced, Contains(what == "snapshots" ? "begins after" : "damage"));
    CHECK_THAT(facts.replaced, !Contains("Choices"));
    const auto next = (*opened)->next();
    REQUIRE(next);
    CHECK_FALSE(next->has_value());
    CHECK(files_below(all.disk, "damaged-2/log") == before);
    CHECK(files_below(all.disk, "damaged-2/snapshots") == 2);
    all.disk.crash();
    auto again = start(all.disk);
    REQUIRE(again);
    CHECK((*again)->facts().replaced.empty());
    check_put_aside(all.disk, (*again)->facts());
  }
}

TEST_CASE("what a snapshot and the log make up for is not put aside", "[storage]") {
  member_disk all{1};
  REQUIRE(all.disk.flip_bit(paths_in(all.disk, snapshot_directory).back(), 70, 1));
  auto opened = start(all.disk);
  REQUIRE(opened);
  CHECK((*opened)->facts().snapshot == zxid::of(1, 20));
  CHECK((*opened)->facts().log.last.zxid == zxid::of(1, last));
  CHECK((*opened)->facts().epochs.member);
  CHECK((*opened)->facts().warnings.size() == 1);
}

TEST_CASE("a torn tail is no damage", "[storage]") {
  member_disk all{1};
  const auto newest = [&] {
    for (auto paths = paths_in(all.disk, log_directory); !paths.empty(); paths.pop_back()) {
      if (decode_header(all.disk.content(paths.back())).header) return paths.back();
    }
    return std::string{};
  }();
  const auto content = all.disk.content(newest);
  const auto end = content.find_last_not_of('\0');
  REQUIRE(all.disk.flip_bit(newest, end, 1));
  auto opened = start(all.disk);
  REQUIRE(opened);
  CHECK((*opened)->facts().log.last.zxid == zxid::of(1, last - 1));
  CHECK((*opened)->facts().epochs.member);
}

TEST_CASE("a history that nobody else is known to have stays, damaged as it is", "[storage]") {
  member_disk all{1, false};
  all.harm("log");
  const auto dump = all.disk.dump();
  const auto opened = start(all.disk);
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().message, Contains("Choices") && Contains("nobody else is known"));
  CHECK(all.disk.dump() == dump);
}

TEST_CASE("damaged promises end the start, whatever is to become of the log", "[storage]") {
  for (const auto* file : {epochs_file, identity_file}) {
    member_disk all{1};
    all.harm("log");
    REQUIRE(all.disk.flip_bit(file, 20, 1));
    const auto dump = all.disk.dump();
    const auto opened = start(all.disk);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Contains(file));
    CHECK(all.disk.dump() == dump);
  }
}

TEST_CASE("a damaged note of the loss ends the start", "[storage]") {
  member_disk all{1};
  all.harm("log");
  REQUIRE(start(all.disk));
  REQUIRE(all.disk.flip_bit(damaged_file, 20, 1));
  all.disk.kill();
  const auto opened = start(all.disk);
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().message, Contains("sim/damaged") && Contains("empty"));
}

TEST_CASE("a crash at any step of putting aside leads to the same", "[storage]") {
  const auto what = damaged_place();
  const bool power_cut = GENERATE(true, false);
  CAPTURE(what, power_cut);
  std::size_t crashes = 0;
  for (std::uint64_t step = 0;; ++step) {
    INFO("step " << step);
    member_disk all{step + 1};
    all.harm(what);
    const auto files = files_below(all.disk, log_directory) + 2;
    all.disk.crash_after_writes(step);
    const bool done = start(all.disk).ok();
    REQUIRE(done != all.disk.process_is_gone());
    if (done) break;
    ++crashes;
    power_cut ? all.disk.crash() : all.disk.kill();
    auto opened = start(all.disk);
    REQUIRE(opened);
    check_put_aside(all.disk, (*opened)->facts());
    // The number is the start's, and a crash behind the counting makes no difference.
    REQUIRE(files_below(all.disk, "damaged-2/log") + files_below(all.disk, "damaged-2/snapshots") ==
            files);
  }
  CHECK(crashes > 10);
}

TEST_CASE("a member that lost its history is one again when it claims", "[storage]") {
  member_disk all{1};
  all.harm("both");
  {
    house home{all.disk, wal_type(), replacing()};
    home.after(role::component::start{});
    CHECK(home.after(role_of::recover_next{}).back() == "end 0x0 start 2");
    CHECK(home.all.end.blank);
    CHECK(home.all.end.epochs.current == claimed);
    CHECK(home.all.end.epochs.shared);
    CHECK_FALSE(home.all.end.epochs.member);
    // A promise changes nothing of that.
    home.after(role_of::write_epochs{{4, claimed, false, true}});
  }
  all.disk.crash();
  {
    house home{all.disk, wal_type(), replacing()};
    home.after(role::component::start{});
    CHECK(home.after(role_of::recover_next{}).back() == "end 0x0 start 3");
    CHECK(home.all.end.epochs.accepted == 4);
    CHECK(home.all.end.blank);
    home.after(one(1, 0));
    CHECK(home.after(role_of::write_epochs{{4, 4, true, true}}) == lines{"epochs 4"});
    CHECK_FALSE(all.disk.exists(damaged_file));
  }
  all.disk.crash();
  house home{all.disk, wal_type(), replacing()};
  home.after(role::component::start{});
  home.after(role_of::recover_next{});
  CHECK(home.after(role_of::recover_next{}).back() == "end 0x100000001 start 4");
  CHECK_FALSE(home.all.end.blank);
}

TEST_CASE("a range that is damaged is gone, and a snapshot is made behind it", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  for (std::uint32_t i = 1; i <= 10; ++i)
    home.after(one(i, i - 1));
  REQUIRE(disk.flip_bit(paths_in(disk, log_directory).front(), segment_header_size + 60, 1));
  CHECK(home.after(role_of::read_range{1, {}, 100'000}) == lines{"snapshot wanted", "gone"});
  CHECK(home.after(one(11, 10)) == lines{"persisted 0x10000000b"});
}

TEST_CASE("a member that starts on a full disk waits for space, and changes nothing before",
          "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), replacing()};
    home.open();
    home.after(one(1, 0));
  }
  disk.kill();
  const auto dump = disk.dump();
  disk.set_capacity(disk.used_bytes());
  house home{disk, wal_type(), replacing()};
  CHECK(home.after(role::component::start{}).empty());
  home.timers.fire_all();
  CHECK(home.run().empty());
  CHECK(disk.dump() == dump);
  SECTION("until there is some") {
    disk.set_capacity(1'000'000);
    home.timers.fire_all();
    CHECK(home.run() == lines{"ready"});
    home.after(role_of::recover_next{});
    CHECK(home.after(role_of::recover_next{}).back() == "end 0x100000001 start 2");
  }
  SECTION("or until the server stops") {
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
}

}  // namespace troupe::storage::test
