/// Everything at once, from chance: workers that die, come back, are slow and talk nonsense;
/// decisions that do not come to pass and run again; timers, cancelling, pausing. After every step
/// what must always hold is looked at, and in the end all tasks are over.

#include <catch2/catch.hpp>

#include <map>
#include <troupe/base/prng.hpp>

#include "codec/record_codec.hpp"
#include "core/text.hpp"
#include "desk.hpp"

using namespace scheduler;
using scheduler_tests::desk;
using scheduler_tests::job;
using scheduler_tests::task;
using s = task_state;

namespace {

/// What a worker believes that it has.
struct belief {
  task_name name;
  std::string worker;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
};

class world {
public:
  explicit world(std::uint64_t seed) : chance_(seed) {
    auto list = task("list");
    auto each = task("each", {"list"});
    each.each_of = "list";
    auto late = task("late", {"each"});
    late.delay = 2'000;
    late.rule = dependency_rule::all_done;
    auto timed = task("timed");
    timed.limits = {60'000, 20'000, 300'000, 5'000};
    auto other = task("other", {"timed", "list"});
    other.rule = dependency_rule::one_success;
    other.needs.labels = {"gpu"};
    auto what = job("j", {list, each, late, timed, other});
    for (auto& one : what.tasks) {
      one.retry.backoff = 500;
      one.retry.most_attempts = 4;
      one.priority = static_cast<std::int32_t>(chance_.below(3));
      one.needs.pool = chance_.chance(1, 2) ? "p" : "";
      one.needs.needs["cpu"] = static_cast<std::int64_t>(chance_.below(3));
    }
    desk_.decide([&](book& with) {
      define_job(with, what);
      set_pool(with, "p", 5, false);
    });
  }

  void run() {
    for (int i = 0; i < 300; ++i) {
      step();
      check();
    }
    finish();
  }

private:
  /// Sometimes a decision runs, is lost, and runs again.
  template <class Decide>
  auto decide(Decide what) {
    if (chance_.chance(1, 6)) {
      bool lost = false;
      try {
        desk_.decide([&](book& with) {
          (void)what(with);
          with.commit();
          throw std::runtime_error("lost");
        });
      } catch (const std::runtime_error&) {
        lost = true;
      }
      REQUIRE(lost);
    }
    return desk_.decide(what);
  }

  void step() {
    switch (chance_.below(14)) {
    case 0:
      if (runs_ < 4) begin_run();
      break;
    case 1:
      worker_comes();
      break;
    case 2:
      worker_goes();
      break;
    case 3:
    case 4:
      decide([](book& with) { return assign_batch(with, {8, 256, 256}, "", "").given_out; });
      break;
    case 5:
      desk_.pass(static_cast<std::int64_t>(chance_.below(4'000)));
      decide([](book& with) { return tick(with, 5).handled; });
      break;
    case 6:
      interfere();
      break;
    default:
      somebody_speaks();
    }
    look_into_inboxes();
  }

  void begin_run() {
    const auto key = std::to_string(++runs_);
    decide([&](book& with) { return request_run(with, {"j", key, ""}).begun; });
  }

  void worker_comes() {
    const auto id = "w" + std::to_string(chance_.below(4));
    if (desk_.tree.has("/tasks/eu/workers/" + id)) return;
    desk_.worker(id, ++session_,
                 chance_.chance(1, 2) ? "slots: 3\nlabels: gpu\nresource-cpu: 4"
                                      : "slots: 2\nresource-cpu: 3");
    sessions_[id] = session_;
  }

  void worker_goes() {
    const auto id = "w" + std::to_string(chance_.below(4));
    if (sessions_.contains(id)) desk_.tree.end_session(sessions_[id]);
    decide([&](book& with) { return sweep(with, id, 2).handled; });
  }

  /// Workers remember what they were ever given: so some speak with old fences.
  void look_into_inboxes() {
    for (const auto& worker : desk_.tree.below("/tasks/eu/inbox"))
      for (const auto& entry : desk_.tree.below("/tasks/eu/inbox/" + worker)) {
        const auto told =
            read_assignment(desk_.tree.data("/tasks/eu/inbox/" + worker + "/" + entry));
        REQUIRE(told);
        beliefs_.push_back({told->task, worker, told->attempt, told->fence});
        if (beliefs_.size() > 40) beliefs_.erase(beliefs_.begin());
      }
  }

  void somebody_speaks() {
    if (beliefs_.empty()) return;
    const auto& who = beliefs_[chance_.below(beliefs_.size())];
    const claim by{who.worker, who.attempt, who.fence};
    const auto before = desk_.record(who.name);
    const auto what = chance_.below(6);
    const auto heard = decide([&](book& with) {
      if (what == 0) return fail(with, who.name, by, "", "chance", false);
      if (what == 1) return begin(with, who.name, by);
      if (what == 2) return give_up(with, who.name, by);
      if (what == 3) return heartbeat(with, who.name, by, "");
      const bool lists = who.name.task == "list";
      return complete(with, who.name, by, who.worker,
                      lists ? std::vector<std::string>{"x", "y", "z"} : std::vector<std::string>{});
    });
    const bool live = is_held(before.state) && before.fence == who.fence;
    INFO(entry_of(who.name) << " " << to_string(before.state) << " " << what);
    if (heard == hearing::known) {
      CHECK(before.state == s::succeeded);
    } else {
      CHECK((heard != hearing::stale) == live);
    }
    if (what > 3 && heard == hearing::accepted && is_live_completion(who)) {
      CHECK(completions_[entry_of(who.name)]++ == 0);
    }
  }

  bool is_live_completion(const belief& who) {
    return desk_.record(who.name).state == s::succeeded;
  }

  void interfere() {
    if (runs_ == 0) return;
    const auto run = "k-" + std::to_string(1 + chance_.below(runs_));
    const auto names = desk_.tree.below("/tasks/eu/runs/j/" + run);
    auto which = names.begin();
    std::advance(which, static_cast<std::ptrdiff_t>(chance_.below(names.size())));
    const task_name name{"j", run, *which};
    const auto what = chance_.below(8);
    try {
      desk_.decide([&](book& with) {
        if (what == 0) cancel_task(with, name);
        if (what == 1 || what == 2) pause_task(with, name);
        if (what == 3 || what == 4) resume_task(with, name);
        if (what == 5) skip_task(with, name);
        if (what == 6) set_priority(with, name, 7);
        if (what == 7 && chance_.chance(1, 4)) rerun(with, "j", run);
      });
    } catch (const troupe::decision_refused& refused) {
      // The table of states says no; and nothing has changed, which `check` looks at.
      CHECK(refused.error() == troupe::error_code::bad_arguments);
    }
    if (what == 7) completions_.clear();
  }

  /// What must hold at any time.
  void check() {
    std::map<std::string, std::size_t> held_by;
    std::size_t in_pool = 0;
    const auto ready = entries("/tasks/eu/ready", 4), timers = entries("/tasks/eu/timers", 3);
    std::size_t is_ready = 0, has_timer = 0;
    desk_.decide([&](book& with) {
      for (std::uint64_t i = 1; i <= runs_; ++i) {
        const auto key = "k-" + std::to_string(i);
        const auto& run = *with.run("j", key);
        std::uint32_t over = 0, all = 0;
        for (const auto& name : tasks_of(with, "j", key)) {
          const auto& one = *with.task(name);
          ++all;
          if (is_over(one.state)) ++over;
          CHECK(one.state != s::failed);
          CHECK((one.state == s::ready) == !one.place.empty());
          if (one.state == s::ready) CHECK(ready.contains(one.place));
          if (!one.timer.empty()) CHECK(timers.contains(one.timer));
          is_ready += one.state == s::ready ? 1 : 0;
          has_timer += one.timer.empty() ? 0 : 1;
          if (!is_held(one.state)) continue;
          const auto& worker = one.attempts.back().worker;
          ++held_by[worker];
          CHECK(one.attempts.back().fence == one.fence);
          CHECK(with.tree().node(with.paths().assignment(worker, name)));
          if (!with.definition(name, one).needs.pool.empty()) ++in_pool;
        }
        CHECK(run.tasks == all);
        CHECK(run.over == over);
        CHECK((run.state == run_state::active) == (over < all));
      }
      CHECK(with.pool("p")->used == in_pool);
      CHECK(in_pool <= 5);
    });
    CHECK(ready.size() == is_ready);
    CHECK(timers.size() == has_timer);
    for (const auto& worker : desk_.tree.below("/tasks/eu/inbox")) {
      CHECK(desk_.tree.below("/tasks/eu/inbox/" + worker).size() == held_by[worker]);
      holding_record holding;
      REQUIRE(decode(desk_.tree.data("/tasks/eu/inbox/" + worker), holding));
      CHECK(holding.tasks == held_by[worker]);
    }
  }

  /// The paths of all nodes so many levels below.
  std::set<std::string> entries(const std::string& path, int levels) {
    if (levels == 0) return {path};
    std::set<std::string> found;
    for (const auto& name : desk_.tree.below(path)) {
      const auto below = entries(path + "/" + name, levels - 1);
      CHECK_FALSE(below.empty());  // nothing empty is left
      found.insert(below.begin(), below.end());
    }
    return found;
  }

  /// One good worker, and nobody who interferes: everything comes to an end.
  void finish() {
    for (const auto& [id, session] : sessions_)
      desk_.tree.end_session(session);
    desk_.worker("good", 1'000'000, "slots: 50\nlabels: gpu\nresource-cpu: 500");
    for (int round = 0; round < 400 && !all_over(); ++round) {
      for (const auto& worker : desk_.decide([](book& with) { return missing_workers(with); }))
        desk_.decide([&](book& with) { sweep(with, worker, 100); });
      for (std::uint64_t i = 1; i <= runs_; ++i)
        for (const auto& name : desk_.tree.below("/tasks/eu/runs/j/k-" + std::to_string(i)))
          resume({"j", "k-" + std::to_string(i), name});
      desk_.pass(5'000);
      desk_.tick();
      desk_.assign();
      for (const auto& entry : desk_.tree.below("/tasks/eu/inbox/good"))
        do_it(*task_of(entry));
      check();
    }
    for (const auto& worker : desk_.decide([](book& with) { return missing_workers(with); }))
      desk_.decide([&](book& with) { sweep(with, worker, 100); });
    INFO(what_is_left());
    CHECK(all_over());
    CHECK(desk_.tree.below("/tasks/eu/ready").empty());
    CHECK(desk_.tree.below("/tasks/eu/timers").empty());
    CHECK(desk_.tree.below("/tasks/eu/inbox") == std::set<std::string>{"good"});
  }

  void resume(const task_name& name) {
    if (desk_.record(name).state != s::paused) return;
    desk_.decide([&](book& with) { resume_task(with, name); });
  }

  void do_it(const task_name& name) {
    const auto now = desk_.record(name);
    if (!is_held(now.state)) return;
    const auto heard = desk_.decide([&](book& with) {
      return complete(with, name, {"good", now.attempt, now.fence}, "", {});
    });
    CHECK(heard == hearing::accepted);
  }

  std::string what_is_left() {
    std::string text;
    for (std::uint64_t i = 1; i <= runs_; ++i) {
      const auto run = "k-" + std::to_string(i);
      for (const auto& name : desk_.tree.below("/tasks/eu/runs/j/" + run)) {
        const auto one = desk_.record({"j", run, name});
        if (is_over(one.state)) continue;
        text += run + "." + name + " " + std::string{to_string(one.state)} + " after " +
                std::string{to_string(one.why)} + "\n";
      }
    }
    return text;
  }

  bool all_over() {
    for (std::uint64_t i = 1; i <= runs_; ++i)
      if (desk_.run("j", "k-" + std::to_string(i)).state == run_state::active) return false;
    return true;
  }

  desk desk_;
  troupe::prng chance_;
  std::uint64_t runs_ = 0, session_ = 0;
  std::map<std::string, std::uint64_t> sessions_;
  std::vector<belief> beliefs_;
  std::map<std::string, int> completions_;
};

TEST_CASE("whatever happens: no task is lost or done twice, and there is one live fence",
          "[model]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    world{seed}.run();
  }
}

}  // namespace
