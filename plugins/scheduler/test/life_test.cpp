/// The course of tasks, one decision after another.

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "desk.hpp"

using namespace scheduler;
using scheduler_tests::desk;
using scheduler_tests::job;
using scheduler_tests::task;
using s = task_state;

namespace {

/// A job with these tasks, begun as run k-1.
struct begun : desk {
  explicit begun(std::vector<task_definition> tasks) : begun(job("j", std::move(tasks))) {}
  explicit begun(const job_definition& what) {
    decide([&](book& with) { define_job(with, what); });
    decide([&](book& with) { request_run(with, {what.name, "1", ""}); });
  }
  static task_name name(const std::string& which) { return {"j", "k-1", which}; }
  s state(const std::string& which) { return record(name(which)).state; }
  reason why(const std::string& which) { return record(name(which)).why; }
  hearing complete(const std::string& which, const claim& by, std::vector<std::string> items = {}) {
    return decide(
        [&](book& with) { return scheduler::complete(with, name(which), by, "result", items); });
  }
  hearing fail(const std::string& which, const claim& by, const std::string& error = "") {
    return decide([&](book& with) {
      return scheduler::fail(with, name(which), by, error, "it broke", false);
    });
  }
  hearing beat(const std::string& which, const claim& by) {
    return decide([&](book& with) { return heartbeat(with, name(which), by, "half"); });
  }
  sweep_reply gone(const std::string& which) {
    return decide([&](book& with) { return sweep(with, which, 100); });
  }
  run_state end() { return run("j", "k-1").state; }
};

TEST_CASE("a task goes from submission to success, and leaves nothing in the indexes", "[life]") {
  begun f{{task("a")}};
  CHECK(f.state("a") == s::ready);
  CHECK(f.assign().given_out == 0);
  CHECK(f.tree.below("/tasks/eu/ready").size() == 1);
  f.worker("w", 7);
  CHECK(f.assign().given_out == 1);
  CHECK(f.state("a") == s::assigned);
  const auto told = read_assignment(f.tree.data("/tasks/eu/inbox/w/j.k-1.a"));
  REQUIRE(told);
  CHECK(told->payload == "do a");
  CHECK(told->attempt == 1);
  CHECK(told->fence == 1);
  CHECK(f.decide([&](book& with) {
    return begin(with, f.name("a"), {"w", 1, 1});
  }) == hearing::accepted);
  CHECK(f.state("a") == s::running);
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::accepted);
  CHECK(f.state("a") == s::succeeded);
  CHECK(f.record(f.name("a")).result == "result");
  CHECK(f.end() == run_state::succeeded);
  for (const char* index : {"ready", "timers"})
    CHECK(f.tree.below(std::string{"/tasks/eu/"} + index).empty());
  CHECK(f.tree.below("/tasks/eu/inbox/w").empty());
  CHECK(f.decide([](book& with) { return *with.trigger("j"); }).active.empty());
  CHECK(f.decide([](book& with) { return with.holding("w")->tasks; }) == 0);
}

TEST_CASE("a completion counts once, and only from who has the task", "[life]") {
  begun f{{task("a")}};
  f.worker("w", 7);
  f.assign();
  CHECK(f.complete("a", {"v", 1, 1}) == hearing::stale);
  CHECK(f.complete("a", {"w", 2, 1}) == hearing::stale);
  CHECK(f.complete("a", {"w", 1, 2}) == hearing::stale);
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::accepted);
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::known);
  CHECK(f.fail("a", {"w", 1, 1}) == hearing::stale);
  CHECK(f.run("j", "k-1").over == 1);
}

TEST_CASE("successors are ready in the same decision", "[life]") {
  begun f{{task("a"), task("b", {"a"}), task("c", {"a"}), task("d", {"b", "c"})}};
  f.worker("w", 7);
  f.assign();
  CHECK(f.state("b") == s::blocked);
  f.complete("a", {"w", 1, 1});
  CHECK(f.state("b") == s::ready);
  CHECK(f.state("c") == s::ready);
  f.assign();
  f.complete("b", {"w", 1, 1});
  CHECK(f.state("d") == s::blocked);
  f.complete("c", {"w", 1, 1});
  f.assign();
  f.complete("d", {"w", 1, 1});
  CHECK(f.end() == run_state::succeeded);
}

TEST_CASE("a failure is tried again after a while, and in the end skips what waits", "[life]") {
  auto first = task("a");
  first.retry.most_attempts = 2;
  auto cleanup = task("z", {"a"});
  cleanup.rule = dependency_rule::all_done;
  begun f{{first, task("b", {"a"}), cleanup}};
  f.worker("w", 7);
  f.assign();
  CHECK(f.fail("a", {"w", 1, 1}) == hearing::accepted);
  CHECK(f.state("a") == s::retry_wait);
  f.pass(1100);
  CHECK(f.tick() >= 1);
  CHECK(f.state("a") == s::ready);
  f.assign();
  const auto again = f.record(f.name("a"));
  CHECK(again.attempt == 2);
  CHECK(again.fence == 2);
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::stale);
  f.fail("a", {"w", 2, 2});
  CHECK(f.state("a") == s::dead);
  CHECK(f.why("a") == reason::attempts_exhausted);
  CHECK(f.state("b") == s::skipped);
  CHECK(f.state("z") == s::ready);
  f.assign();
  f.complete("z", {"w", 1, 1});
  CHECK(f.end() == run_state::failed);
}

TEST_CASE("a worker that dies loses its task after the grace, under the next fence", "[life]") {
  begun f{{task("a")}};
  f.worker("w", 7);
  f.assign();
  f.beat("a", {"w", 1, 1});
  f.tree.end_session(7);
  CHECK(f.gone("w").handled == 1);
  CHECK(f.state("a") == s::lost);
  f.worker("v", 8);
  CHECK(f.assign().given_out == 0);
  f.pass(10'100);
  f.tick();
  CHECK(f.state("a") == s::ready);
  CHECK(f.record(f.name("a")).fence == 2);
  CHECK_FALSE(f.tree.has("/tasks/eu/inbox/w"));
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::stale);
  f.assign();
  CHECK(f.complete("a", {"v", 2, 2}) == hearing::accepted);
}

TEST_CASE("a worker that comes back within the grace goes on, with the same fence", "[life]") {
  begun f{{task("a"), task("b")}};
  f.worker("w", 7);
  f.assign();
  f.beat("a", {"w", 1, 1});
  f.tree.end_session(7);
  f.gone("w");
  f.worker("w", 9);
  CHECK(f.beat("a", {"w", 1, 1}) == hearing::accepted);
  CHECK(f.state("a") == s::running);
  CHECK(f.complete("b", {"w", 1, 1}) == hearing::accepted);
  f.pass(60'000);
  f.tick();
  CHECK(f.state("a") == s::running);
  CHECK(f.complete("a", {"w", 1, 1}) == hearing::accepted);
}

TEST_CASE("a task that kills its workers dies in the end", "[life]") {
  auto deadly = task("a");
  deadly.retry.most_losses = 2;
  begun f{{deadly}};
  for (std::uint64_t session = 1; session <= 3; ++session) {
    const auto worker = "w" + std::to_string(session);
    f.worker(worker, session);
    CHECK(f.assign().given_out == 1);
    f.tree.end_session(session);
    f.gone(worker);
    f.pass(10'100);
    f.tick();
  }
  CHECK(f.state("a") == s::dead);
}

TEST_CASE("the four timeouts", "[life]") {
  auto slow = task("a");
  slow.limits = {5'000, 20'000, 60'000, 3'000};
  begun f{{slow}};
  SECTION("schedule to start") {
    f.pass(5'100);
    f.tick();
    CHECK(f.state("a") == s::dead);
    CHECK(f.why("a") == reason::schedule_to_start_timeout);
  }
  SECTION("heartbeat") {
    f.worker("w", 7);
    f.assign();
    f.beat("a", {"w", 1, 1});
    f.pass(2'900);
    f.beat("a", {"w", 1, 1});
    f.pass(2'900);
    f.tick();
    CHECK(f.state("a") == s::running);
    f.pass(200);
    f.tick();
    CHECK(f.state("a") == s::lost);
    CHECK(f.why("a") == reason::heartbeat_timeout);
  }
  SECTION("start to close, and then schedule to close") {
    f.worker("w", 7);
    f.assign();
    f.beat("a", {"w", 1, 1});
    for (int i = 0; i < 10; ++i) {
      f.pass(2'000);
      if (i < 9) f.beat("a", {"w", 1, 1});
    }
    f.pass(100);
    f.tick();
    CHECK(f.state("a") == s::retry_wait);
    CHECK(f.record(f.name("a")).attempts.back().why == reason::start_to_close_timeout);
    for (int i = 0; i < 40; ++i) {
      f.pass(1'000);
      f.tick();
      if (f.state("a") == s::dead) break;
      f.assign();
      const auto now = f.record(f.name("a"));
      if (is_held(now.state)) f.beat("a", {"w", now.attempt, now.fence});
    }
    CHECK(f.state("a") == s::dead);
    CHECK(f.why("a") == reason::schedule_to_close_timeout);
  }
}

TEST_CASE("cancelling: at once where nobody works, by agreement or force where somebody does",
          "[life]") {
  begun f{{task("a"), task("b"), task("c"), task("d", {"a"})}};
  f.worker("w", 7, "slots: 2");
  f.assign();
  f.decide([](book& with) { cancel_all(with, "j", "k-1"); });
  CHECK(f.state("c") == s::cancelled);
  CHECK(f.state("d") == s::cancelled);
  CHECK(f.state("a") == s::cancelling);
  CHECK(read_assignment(f.tree.data("/tasks/eu/inbox/w/j.k-1.a"))->cancelled);
  CHECK(f.beat("a", {"w", 1, 1}) == hearing::give_up);
  CHECK(f.decide([&](book& with) {
    return give_up(with, f.name("a"), {"w", 1, 1});
  }) == hearing::accepted);
  f.pass(30'100);
  f.tick();
  CHECK(f.state("b") == s::cancelled);
  CHECK(f.why("b") == reason::cancel_forced);
  CHECK(f.end() == run_state::cancelled);
}

TEST_CASE("one task for each item, and one that waits for all of them", "[life]") {
  auto each = task("each", {"list"});
  each.each_of = "list";
  each.most_items = 3;
  begun f{{task("list"), each, task("sum", {"each"})}};
  f.worker("w", 7);
  f.assign();
  SECTION("all of them succeed") {
    CHECK(f.complete("list", {"w", 1, 1}, {"x", "y", "z"}) == hearing::accepted);
    CHECK(f.run("j", "k-1").tasks == 6);
    CHECK(f.assign().given_out == 3);
    CHECK(read_assignment(f.tree.data("/tasks/eu/inbox/w/j.k-1.each~1"))->item == "y");
    for (const char* one : {"each~0", "each~1", "each~2"}) {
      CHECK(f.state("sum") == s::blocked);
      CHECK(f.complete(one, {"w", 1, 1}) == hearing::accepted);
    }
    CHECK(f.state("each") == s::succeeded);
    CHECK(f.state("sum") == s::ready);
  }
  SECTION("no items at all") {
    f.complete("list", {"w", 1, 1});
    CHECK(f.state("each") == s::succeeded);
    CHECK(f.state("sum") == s::ready);
  }
  SECTION("more than are taken") {
    f.complete("list", {"w", 1, 1}, {"1", "2", "3", "4"});
    CHECK(f.state("list") == s::dead);
    CHECK(f.why("list") == reason::fan_out_exceeded);
    CHECK(f.record(f.name("list")).attempts.back().error ==
          "the result has 4 items; at most 3 are taken");
    CHECK(f.state("sum") == s::skipped);
    CHECK(f.end() == run_state::failed);
  }
}

TEST_CASE("what failed can be rerun, and what succeeded stays", "[life]") {
  auto broken = task("b", {"a"});
  broken.retry.most_attempts = 1;
  begun f{{task("a"), broken, task("c", {"b"})}};
  f.worker("w", 7);
  f.assign();
  f.complete("a", {"w", 1, 1});
  f.assign();
  f.fail("b", {"w", 1, 1});
  CHECK(f.end() == run_state::failed);
  CHECK(f.decide([](book& with) { return rerun(with, "j", "k-1"); }) == 2);
  CHECK(f.end() == run_state::active);
  CHECK(f.state("b") == s::ready);
  CHECK(f.state("c") == s::blocked);
  f.assign();
  const auto again = f.record(f.name("b"));
  CHECK(f.complete("b", {"w", again.attempt, again.fence}) == hearing::accepted);
  f.assign();
  CHECK(f.complete("c", {"w", 1, 1}) == hearing::accepted);
  CHECK(f.end() == run_state::succeeded);
  CHECK(f.run("j", "k-1").over == 3);
}

TEST_CASE("pause, resume, skip, mark, priority", "[life]") {
  begun f{{task("a"), task("b", {"a"}), task("c")}};
  f.decide([&](book& with) { pause_task(with, f.name("a")); });
  f.decide([&](book& with) { pause_task(with, f.name("b")); });
  f.worker("w", 7, "slots: 1");
  f.decide([&](book& with) { pause_job(with, "j", true); });
  CHECK(f.assign().given_out == 0);
  f.decide([&](book& with) { pause_job(with, "j", false); });
  CHECK(f.assign().given_out == 1);
  CHECK(f.state("c") == s::assigned);
  f.decide([&](book& with) { resume_task(with, f.name("a")); });
  f.decide([&](book& with) { set_priority(with, f.name("a"), 9); });
  CHECK(f.tree.below("/tasks/eu/ready").size() == 1);
  f.decide([&](book& with) { mark_success(with, f.name("a")); });
  CHECK(f.state("b") == s::paused);
  f.decide([&](book& with) { resume_task(with, f.name("b")); });
  CHECK(f.state("b") == s::ready);
  f.decide([&](book& with) { skip_task(with, f.name("b")); });
  CHECK_THROWS_AS(f.decide([&](book& with) { skip_task(with, f.name("b")); }),
                  troupe::decision_refused);
  f.complete("c", {"w", 1, 1});
  CHECK(f.end() == run_state::succeeded);
}

TEST_CASE("a pool's limit, resources and labels bound what is given out", "[life]") {
  auto pooled = task("a");
  pooled.needs.pool = "db";
  auto other = pooled;
  other.name = "b";
  auto cold = task("c");
  cold.needs.labels = {"cold"};
  begun f{{pooled, other, cold}};
  f.decide([](book& with) { set_pool(with, "db", 1, false); });
  f.worker("w", 7);
  CHECK(f.assign().given_out == 1);
  CHECK(f.assign().given_out == 0);
  const auto ready = f.tree.below("/tasks/eu/ready");
  CHECK(ready.size() == 2);
  f.complete("a", {"w", 1, 1});
  CHECK(f.assign().given_out == 1);
  f.worker("cold", 8, "labels: cold");
  CHECK(f.assign().given_out == 1);
  CHECK(f.record(f.name("c")).attempts.back().explanation == "cold: 0; w: a label is missing");
}

TEST_CASE("a plain client works through its inbox alone", "[life]") {
  begun f{{task("a"), task("b", {"a"})}};
  f.worker("w", 7, "slots: 1\n");
  f.assign();
  const std::string path = "/tasks/eu/inbox/w/j.k-1.a";
  const auto report = [&](const std::string& text) {
    f.tree.put(path + "/report", text);
    return f.decide([](book& with) { return take_report(with, "w", "j.k-1.a"); });
  };
  CHECK_FALSE(report("what?"));
  CHECK(*report("state: running\nattempt: 1\nfence: 1\n\nhalf") == hearing::accepted);
  CHECK(f.record(f.name("a")).progress == "half");
  CHECK(*report("state: succeeded\nattempt: 1\nfence: 9\n") == hearing::stale);
  CHECK(*report("state: succeeded\nattempt: 1\nfence: 1\n\nall") == hearing::accepted);
  CHECK(f.record(f.name("a")).result == "all");
  CHECK_FALSE(f.tree.has(path));
  CHECK(f.state("b") == s::ready);
}

TEST_CASE("a decision that is refused changes nothing", "[life]") {
  begun f{{task("a")}};
  const auto size = f.tree.size();
  CHECK_THROWS_AS(f.decide([](book& with) {
    request_run(with, {"j", "2", ""});
    request_run(with, {"j", "no key!", ""});
  }),
                  troupe::decision_refused);
  CHECK(f.tree.size() == size);
}

}  // namespace
