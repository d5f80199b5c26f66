/// Triggers: what begins when.

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "desk.hpp"

using namespace scheduler;
using scheduler_tests::desk;
using scheduler_tests::job;
using scheduler_tests::task;

namespace {

constexpr instant minute = 60'000;

/// A job that is due every minute.
struct triggered : desk {
  explicit triggered(overlap_rules overlap = {}, misfire_rules misfire = {}, duration spread = 0) {
    tree.clock_ms = 1'000'000 * minute + 1;
    auto what = job("j", {task("a")});
    what.schedule = "* * * * *";
    what.overlap = overlap;
    what.misfire = misfire;
    what.spread = spread;
    define(what);
  }
  void define(const job_definition& what) {
    decide([&](book& with) { define_job(with, what); });
  }
  std::set<std::string> runs() { return tree.below("/tasks/eu/runs/j"); }
  trigger_record trigger() {
    return decide([](book& with) { return *with.trigger("j"); });
  }
  /// A worker does everything that is there to do.
  void work() {
    if (!tree.has("/tasks/eu/workers/w")) worker("w", 1, "slots: 100");
    assign();
    for (const auto& entry : tree.below("/tasks/eu/inbox/w")) {
      const auto name = *task_of(entry);
      const auto now = record(name);
      decide([&](book& with) {
        return complete(with, name, {"w", now.attempt, now.fence}, "", {});
      });
    }
  }
};

TEST_CASE("a job begins when it is due, once, with the instant in its name", "[trigger]") {
  triggered f;
  CHECK(f.tick() == 0);
  f.pass(minute);
  f.tick();
  CHECK(f.runs() == std::set<std::string>{run_of(1'000'001 * minute)});
  f.tick();
  CHECK(f.runs().size() == 1);
  CHECK(f.run("j", run_of(1'000'001 * minute)).due == 1'000'001 * minute);
  f.pass(minute);
  f.tick();
  CHECK(f.runs().size() == 2);
}

TEST_CASE("the clock may jump, forward and back: no instant twice, no storm", "[trigger]") {
  triggered f{{}, {misfire_policy::fire_all, 3, minute / 2, 0}};
  f.pass(1000 * minute + 31'000);
  f.tick();
  CHECK(f.runs().size() == 3);
  f.pass(-500 * minute);
  f.tick();
  f.pass(minute);
  f.tick();
  CHECK(f.runs().size() == 3);
  f.pass(500 * minute);
  f.tick();
  CHECK(f.runs().size() == 4);
}

TEST_CASE("overlap: forbid, replace, queue", "[trigger]") {
  SECTION("forbid") {
    triggered f{{overlap_policy::forbid, 100, 0}};
    for (int i = 0; i < 3; ++i) {
      f.pass(minute);
      f.tick();
    }
    CHECK(f.runs().size() == 1);
    f.work();
    f.pass(minute);
    f.tick();
    CHECK(f.runs().size() == 2);
  }
  SECTION("replace") {
    triggered f{{overlap_policy::replace, 100, 0}};
    f.pass(minute);
    f.tick();
    f.pass(minute);
    f.tick();
    CHECK(f.run("j", run_of(1'000'001 * minute)).state == run_state::cancelled);
    CHECK(f.run("j", run_of(1'000'002 * minute)).state == run_state::active);
    CHECK(f.trigger().active.size() == 1);
  }
  SECTION("replace, of two that are noticed together") {
    triggered f{{overlap_policy::replace, 100, 0}, {misfire_policy::fire_all, 9, 5 * minute, 0}};
    f.pass(3 * minute);
    f.tick();
    CHECK(f.trigger().active == std::vector<std::string>{run_of(1'000'003 * minute)});
    CHECK(f.run("j", run_of(1'000'002 * minute)).state == run_state::cancelled);
  }
  SECTION("queue") {
    triggered f{{overlap_policy::queue, 100, 2}};
    for (int i = 0; i < 5; ++i) {
      f.pass(minute);
      f.tick();
    }
    CHECK(f.runs().size() == 1);
    CHECK(f.trigger().queued.size() == 2);
    for (int i = 0; i < 3; ++i)
      f.work();
    CHECK(f.runs().size() == 3);
    CHECK(f.run("j", run_of(1'000'003 * minute)).state == run_state::succeeded);
  }
}

TEST_CASE("a paused job begins nothing, and makes up for it by its rule", "[trigger]") {
  triggered f{{}, {misfire_policy::skip, 0, 30'000, 0}};
  f.decide([](book& with) { pause_job(with, "j", true); });
  f.pass(10 * minute + 31'000);
  f.tick();
  CHECK(f.runs().empty());
  f.decide([](book& with) { pause_job(with, "j", false); });
  f.tick();
  CHECK(f.runs().empty());
  f.pass(29'000);
  f.tick();
  CHECK(f.runs().size() == 1);
}

TEST_CASE("jitter delays, and is not taken for being late", "[trigger]") {
  triggered f{{}, {misfire_policy::skip, 0, 500, 0}, 10 * minute};
  for (int second = 0; second < 30 * 60; ++second) {
    f.pass(1'000);
    f.tick();
  }
  // Each of the first twenty has its run, although it began up to ten minutes later.
  for (instant due = 1'000'001; due <= 1'000'019; ++due)
    CHECK(f.runs().contains(run_of(due * minute)));
}

TEST_CASE("a backfill does its range, so many at a time, beside the schedule", "[trigger]") {
  triggered f;
  f.decide([](book& with) { backfill(with, "j", 500 * minute, 509 * minute, 3); });
  CHECK(f.runs().size() == 3);
  CHECK_THROWS_AS(f.decide([](book& with) { backfill(with, "j", 1, 2, 1); }),
                  troupe::decision_refused);
  for (int i = 0; i < 4; ++i)
    f.work();
  CHECK(f.runs().size() == 10);
  CHECK(f.trigger().backfill_from == 0);
  for (instant due = 500; due <= 509; ++due)
    CHECK(f.run("j", run_of(due * minute)).cause == run_cause::backfill);
}

TEST_CASE("asking for a run with the same key is one run", "[trigger]") {
  triggered f;
  const auto ask = [&] {
    return f.decide([](book& with) { return request_run(with, {"j", "slot-7", "all of it"}); });
  };
  CHECK(ask().begun);
  CHECK_FALSE(ask().begun);
  CHECK(f.tree.data("/tasks/eu/runs/j/k-slot-7/~params") == "all of it");
}

TEST_CASE("a new definition counts from the next run on", "[trigger]") {
  triggered f;
  f.pass(minute);
  f.tick();
  auto what = job("j", {task("x"), task("y")});
  what.schedule = "* * * * *";
  f.define(what);
  f.pass(minute);
  f.tick();
  CHECK(f.run("j", run_of(1'000'001 * minute)).revision == 1);
  CHECK(f.run("j", run_of(1'000'002 * minute)).tasks == 2);
  what.zone = "Atlantis";
  CHECK_THROWS_AS(f.define(what), troupe::decision_refused);
}

TEST_CASE("runs that are over become history, which is kept for some days", "[trigger]") {
  triggered f;
  for (int i = 0; i < 5; ++i) {
    f.pass(minute);
    f.tick();
    f.work();
  }
  f.pass(minute);
  f.tick();
  const auto compacted = [&] {
    return f.decide([&](book& with) { return compact(with, "j", with.now(), 1000); });
  };
  CHECK(compacted().compacted == 5);
  CHECK(f.runs().size() == 1);
  const auto day = day_of(f.tree.clock_ms);
  const auto kept = f.tree.below("/tasks/eu/history/j/" + day);
  CHECK(kept.size() == 5);
  const auto text = f.tree.data("/tasks/eu/history/j/" + day + "/" + *kept.begin());
  CHECK(text.find(" SUCCEEDED ") != std::string::npos);
  CHECK(text.find("worker=w") != std::string::npos);
  f.pass(40LL * 24 * 60 * minute);
  CHECK(compacted().forgotten == 5);
  CHECK(f.tree.below("/tasks/eu/history/j").empty());
}

TEST_CASE("each instant becomes one run, however decisions are cut and repeated", "[trigger]") {
  CHECK(rc::check([] {
    triggered f{{}, {misfire_policy::fire_all, 100, minute, 0}};
    const auto steps =
        *rc::gen::container<std::vector<instant>>(rc::gen::inRange<instant>(-minute, 4 * minute));
    auto newest = f.tree.clock_ms;
    for (const auto step : steps) {
      f.pass(step);
      newest = std::max(newest, f.tree.clock_ms);
      if (*rc::gen::arbitrary<bool>()) {
        // One that does not come to pass, and runs again.
        try {
          f.tree.run([&](troupe::decision_tree& on) {
            book with{on, f.common, 99};
            scheduler::tick(with, 100);
            with.commit();
            throw std::runtime_error("lost");
          });
        } catch (const std::runtime_error& lost) {
          RC_ASSERT(std::string{lost.what()} == "lost");
        }
      }
      f.tick();
      f.work();
    }
    f.pass(newest - f.tree.clock_ms + 100);
    f.tick();
    std::set<std::string> expected;
    for (instant due = 1'000'001; due * minute <= f.tree.clock_ms; ++due)
      expected.insert(run_of(due * minute));
    RC_ASSERT(f.runs() == expected);
  }));
}

}  // namespace
