// The actors themselves, on a queue that the test drives: what they tell whom, and when they end.
#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/resumable.hpp>

#include <kj/async-io.h>

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/component.hpp"
#include "actors/storage/core/file_names.hpp"
#include "actors/storage/wal_actor.hpp"
#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

using Catch::Matchers::Contains;
namespace role_of = role::storage;
using namespace std::chrono_literals;

/// A reactor without an event loop.
class queue_unit final : public sdk::reactor_unit {
public:
  using sdk::reactor_unit::reactor_unit;
  void exec_later(caf::resumable* job) override { jobs_.push_back(job); }
  bool run_one() {
    if (jobs_.empty()) return false;
    auto* job = jobs_.front();
    jobs_.pop_front();
    switch (job->resume(this, 100)) {
    case caf::resumable::resume_later:
      jobs_.push_back(job);
      break;
    default:
      intrusive_ptr_release(job);
    }
    return true;
  }

private:
  std::deque<caf::resumable*> jobs_;
};

struct fixed_clock final : sdk::clock {
  monotonic_time now() const override { return {}; }
  wall_time wall() const override { return {}; }
};
struct counting_entropy final : sdk::entropy {
  std::uint64_t number() override { return ++last; }
  std::string secret(std::size_t size) override { return std::string(size, 's'); }
  std::uint64_t last = 0;
};

/// Timers that fire when the test says so.
class manual_timers final : public sdk::timers {
public:
  [[nodiscard]] sdk::timer after(nanoseconds, std::function<void()> callback) override {
    pending_[++last_] = std::move(callback);
    return std::make_unique<entry>(*this, last_);
  }
  void fire_all() {
    const auto due = std::exchange(pending_, {});
    for (const auto& [number, callback] : due)
      callback();
  }
  [[nodiscard]] std::size_t size() const { return pending_.size(); }

private:
  struct entry final : sdk::timer_handle {
    entry(manual_timers& o, int n) : owner(o), number(n) {}
    ~entry() override { owner.pending_.erase(number); }
    manual_timers& owner;
    int number;
  };
  std::map<int, std::function<void()>> pending_;
  int last_ = 0;
};

class manual_workers final : public sdk::workers {
public:
  std::uint32_t new_lane(std::string) override { return lanes_++; }
  void run(std::uint32_t, std::function<void()> job, std::function<void()> done) override {
    jobs_.emplace_back(std::move(job), std::move(done));
  }
  bool run_one() {
    if (jobs_.empty()) return false;
    auto [job, done] = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    done();
    return true;
  }

private:
  std::uint32_t lanes_ = 0;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs_;
};

/// What everybody around storage was told, in order.
struct told {
  std::vector<std::string> lines;
  std::string reason;
  role::component::status_report status;
};

/// Plays supervisor, broadcast and tree at once.
class listener final : public sdk::pinned_actor {
public:
  listener(caf::actor_config& config, sdk::reactor_unit& home, told& all)
      : sdk::pinned_actor(config, home, 0, {}), all_(all) {}
  caf::behavior make_behavior() override {
    const auto note = [this](std::string line) { all_.lines.push_back(std::move(line)); };
    return {
        [=](role::component::ready&) { note("ready"); },
        [=](role::component::stopped&) { note("stopped"); },
        [=, this](role::component::failed& m) {
          all_.reason = m.reason;
          note("failed");
        },
        [this](role::component::status_report& m) { all_.status = m; },
        [=](role_of::persisted& m) { note("persisted " + to_text(m.zxid)); },
        [=](role_of::epochs_written& m) { note("epochs " + std::to_string(m.epochs.accepted)); },
        [=](role_of::space_changed& m) { note(m.available ? "space" : "no space in " + m.path); },
        [=](role_of::snapshot_wanted&) { note("snapshot wanted"); },
        [=](role_of::snapshot_progress& m) {
          note(m.failed ? "snapshot failed" : m.finished ? "snapshot finished" : "snapshot step");
        },
        [=](role_of::recovered& m) {
          namespace piece = role_of::recovery;
          if (const auto* begin = std::get_if<piece::snapshot_begin>(&m.piece)) {
            note("snapshot " + to_text(begin->zxid));
          } else if (const auto* chunk = std::get_if<piece::snapshot_chunk>(&m.piece)) {
            note("chunk " + std::string{chunk->bytes.view()});
          } else if (const auto* yes = std::get_if<piece::committed>(&m.piece)) {
            note("committed " + std::to_string(yes->txns.size()));
          } else if (const auto* no = std::get_if<piece::uncommitted>(&m.piece)) {
            note("uncommitted " + std::to_string(no->txns.size()));
          } else {
            const auto& end = std::get<piece::end>(m.piece);
            note("end " + to_text(end.last) + " start " + std::to_string(end.start_number));
          }
        },
    };
  }

private:
  told& all_;
};

/// One process with nothing but a storage component.
class house {
public:
  house(testing::sim_disk& disk, const sdk::component_type& type, sdk::option_values options = {})
      : disk_(disk), system_(config_), unit_(&system_), options_(std::move(options)) {
    listener_ = sdk::spawn_pinned<listener>(unit_, all);
    ports_ = std::make_unique<sdk::ports>(sdk::ports{clock_, entropy_, timers, workers_, disk_,
                                                     io_.provider->getNetwork(),
                                                     io_.provider->getTimer()});
    sdk::component_context context{
        "log", 1, options_, *ports_, unit_, role::component::supervisor{listener_}, info_, {}};
    storage_ = type.factory(context).actor;
    tell(role_of::attach_log{role_of::log_client{listener_}});
    tell(role_of::attach_snapshots{role_of::snapshot_client{listener_}});
  }
  ~house() {
    anon_send_exit(storage_, caf::exit_reason::kill);
    anon_send_exit(listener_, caf::exit_reason::kill);
    run();
  }

  template <class M>
  void tell(M message) {
    handle<M>{storage_}.send(std::move(message));
  }
  /// Tells, runs until all is quiet, and gives what was told since.
  template <class M>
  std::vector<std::string> after(M message) {
    tell(std::move(message));
    return run();
  }
  std::vector<std::string> run() {
    while (unit_.run_one() || workers_.run_one()) {
    }
    return std::exchange(all.lines, {});
  }
  /// Up to the end of the recovered state, with epoch 1 promised.
  void open() {
    after(role::component::start{});
    while (after(role_of::recover_next{}).back().substr(0, 3) != "end")
      REQUIRE(all.reason.empty());
    REQUIRE(after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
  }

  using lines = std::vector<std::string>;
  told all;
  manual_timers timers;

private:
  testing::sim_disk& disk_;
  kj::AsyncIoContext io_ = kj::setupAsyncIo();  // storage needs neither network nor timer of it
  caf::actor_system_config config_;
  caf::actor_system system_;
  queue_unit unit_;
  fixed_clock clock_;
  counting_entropy entropy_;
  manual_workers workers_;
  sdk::option_values options_;
  sdk::deployment_info info_{{1}, "sim", "test"};
  std::unique_ptr<sdk::ports> ports_;
  caf::strong_actor_ptr listener_, storage_;
};

using lines = house::lines;

sdk::option_values small_options() {
  auto options = sdk::option_values::defaults_of(wal_type().options);
  options.set("segment_bytes", std::uint64_t{8192});
  options.set("first_segment_bytes", std::uint64_t{4096});
  options.set("snapshot_transactions", std::int64_t{20});
  return options;
}

role_of::append one(std::uint32_t counter, std::uint32_t committed) {
  return {{{zxid::of(1, counter), blob{"body"}}}, zxid::of(1, committed)};
}

}  // namespace

TEST_CASE("storage.wal recovers, persists, stops cleanly and recovers again", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    CHECK(home.after(role::component::start{}) == lines{"ready"});
    CHECK(home.after(role_of::recover_next{}) == lines{"end 0x0 start 1"});
    CHECK(home.after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
    CHECK(home.after(one(1, 0)) == lines{"persisted 0x100000001"});
    home.tell(one(2, 1));
    home.tell(one(3, 1));
    const auto persisted = home.after(one(4, 3));
    CHECK(persisted.back() == "persisted 0x100000004");
    CHECK(persisted.size() <= 2);  // what waited went out together
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
  CHECK(disk.exists(clean_file));
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.tell(role_of::recover_next{});  // early is fine
  CHECK(home.after(role::component::start{}) == lines{"ready", "committed 3"});
  CHECK(home.after(role_of::recover_next{}) == lines{"uncommitted 1"});
  CHECK(home.after(role_of::recover_next{}) == lines{"end 0x100000004 start 2"});
  home.after(role::component::report_status{8});
  CHECK(home.all.status.token == 8);
  CHECK(home.all.status.facts.front() ==
        std::pair<std::string, std::string>{"last_zxid", "0x100000004"});
}

TEST_CASE("storage.wal asks for a snapshot, takes it, and recovers from it", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    int wanted = 0;
    for (std::uint32_t i = 1; i <= 30; ++i) {
      for (const auto& line : home.after(one(i, i - 1)))
        wanted += line == "snapshot wanted";
    }
    CHECK(wanted == 1);
    CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 30), 7}) == lines{"snapshot step"});
    CHECK(home.after(role_of::snapshot_chunk{blob{"tree"}}) == lines{"snapshot step"});
    CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot finished"});
    home.after(one(31, 31));
  }
  disk.crash();
  house home{disk, wal_type(), small_options()};
  home.after(role::component::start{});
  CHECK(home.after(role_of::recover_next{}) == lines{"snapshot 0x10000001e"});
  CHECK(home.after(role_of::recover_next{}) == lines{"chunk tree"});
  CHECK(home.after(role_of::recover_next{}) == lines{"committed 1"});
}

TEST_CASE("storage.wal gives a snapshot up when the disk is full, and discards what has no room",
          "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  home.after(one(1, 0));
  disk.set_capacity(disk.used_bytes() + 10);
  CHECK(home.after(role_of::snapshot_begin{zxid::of(1, 1), 7}) == lines{"snapshot failed"});
  home.timers.fire_all();
  CHECK(home.run() == lines{"snapshot wanted"});
  std::uint32_t i = 1;
  lines last;
  while (last.empty() || last.back().starts_with("persisted")) {
    ++i;
    last = home.after(one(i, i - 1));
  }
  CHECK(last == lines{"no space in sim/log"});
  CHECK(home.after(one(i + 1, i)).empty());
  home.timers.fire_all();
  CHECK(home.run().empty());
  disk.set_capacity(1'000'000);
  home.timers.fire_all();
  CHECK(home.run() == lines{"space"});
  CHECK(home.after(role_of::write_epochs{{2, 2}}) == lines{"epochs 2"});
  role_of::append next;
  next.txns.push_back({zxid::of(2, 1), blob{std::string_view{"x"}}});
  CHECK(home.after(std::move(next)) == lines{"persisted 0x200000001"});
  CHECK(home.after(role::component::stop{}) == lines{"stopped"});
}

TEST_CASE("storage.wal fails with a sentence, and acknowledges nothing afterwards", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, wal_type(), small_options()};
  home.open();
  home.after(one(1, 0));
  SECTION("when a sync fails") {
    disk.fail_sync_after(0);
    CHECK(home.after(one(2, 1)) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("sim/log/0000000000000001.log") &&
                                    Contains("Input/output error") && Contains("Check the disk"));
  }
  SECTION("when the program makes a gap") {
    CHECK(home.after(one(3, 1)) == lines{"failed"});
    CHECK_THAT(home.all.reason, Contains("does not follow"));
  }
  CHECK(home.after(one(2, 1)).empty());
}

TEST_CASE("storage.wal refuses a data directory that it must not use", "[storage]") {
  testing::sim_disk disk{1};
  { house{disk, wal_type(), small_options()}.open(); }
  disk.flip_bit(identity_file, 20, 1);
  disk.kill();
  house home{disk, wal_type(), small_options()};
  CHECK(home.after(role::component::start{}) == lines{"failed"});
  CHECK_THAT(home.all.reason, Contains("sim/identity") && Contains("Choices"));
}

TEST_CASE("storage.wal can be stopped at any time", "[storage]") {
  testing::sim_disk disk{1};
  {
    house home{disk, wal_type(), small_options()};
    CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  }
  {
    house home{disk, wal_type(), small_options()};
    home.tell(role::component::start{});
    CHECK(home.after(role::component::stop{}).back() == "stopped");
  }
  {
    house home{disk, wal_type(), small_options()};
    home.open();
    home.tell(one(1, 0));
    home.tell(role_of::snapshot_begin{zxid::of(1, 1), 7});
    const auto last = home.after(role::component::stop{});
    CHECK(last.back() == "stopped");
    CHECK(std::count(last.begin(), last.end(), "persisted 0x100000001") == 1);
  }
  CHECK(disk.exists(clean_file));
  CHECK(paths_in(disk, snapshot_directory).empty());
}

TEST_CASE("storage.memory keeps nothing and says so at once", "[storage]") {
  testing::sim_disk disk{1};
  house home{disk, memory_type()};
  CHECK(home.after(role::component::start{}) == lines{"ready"});
  CHECK(home.after(role_of::recover_next{}) == lines{"end 0x0 start 1"});
  CHECK(home.after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
  CHECK(home.after(one(1, 0)) == lines{"persisted 0x100000001"});
  CHECK(home.after(role_of::append{{}, zxid::of(1, 1)}).empty());
  CHECK(home.after(role_of::snapshot_begin{}) == lines{"snapshot step"});
  CHECK(home.after(role_of::snapshot_chunk{}) == lines{"snapshot step"});
  CHECK(home.after(role_of::snapshot_end{}) == lines{"snapshot finished"});
  CHECK(home.after(role::component::stop{}) == lines{"stopped"});
  CHECK(disk.writes() == 0);
}

}  // namespace troupe::storage::test
