/// A hundred thousand tasks that wait, and what a decision may cost then.

#include <catch2/catch.hpp>

#include <ctime>
#include <iostream>

#include "desk.hpp"

using namespace scheduler;
using scheduler_tests::desk;
using scheduler_tests::job;
using scheduler_tests::task;

namespace {

struct crowd : desk {
  explicit crowd(std::size_t runs) {
    job_definition what = job("j", {});
    for (int i = 0; i < 1000; ++i) {
      what.tasks.push_back(task("t" + std::to_string(i)));
      what.tasks.back().priority = i % 3;
      what.tasks.back().limits.schedule_to_close = 86'400'000;
    }
    decide([&](book& with) { define_job(with, what); });
    for (std::size_t i = 0; i < runs; ++i) {
      decide([&](book& with) { request_run(with, {"j", std::to_string(i), ""}); });
      pass(10);
    }
    for (std::uint64_t i = 1; i <= 16; ++i)
      worker("w" + std::to_string(i), i, "slots: 8");
  }

  /// All that workers have is begun and completed, so many at a time. Returns how many that were.
  std::size_t work(std::size_t at_a_time) {
    std::vector<std::pair<task_name, std::string>> all;
    for (const auto& worker : tree.below("/tasks/eu/inbox"))
      for (const auto& entry : tree.below("/tasks/eu/inbox/" + worker))
        all.emplace_back(*task_of(entry), worker);
    for (std::size_t i = 0; i < all.size(); i += at_a_time) {
      const auto end = std::min(all.size(), i + at_a_time);
      decide([&](book& with) {
        for (auto j = i; j < end; ++j)
          begin(with, all[j].first, claim_of(with, all[j]));
      });
      decide([&](book& with) {
        for (auto j = i; j < end; ++j)
          complete(with, all[j].first, claim_of(with, all[j]), "done", {});
      });
    }
    return all.size();
  }

private:
  static claim claim_of(book& with, const std::pair<task_name, std::string>& one) {
    const auto* now = with.task(one.first);
    return {one.second, now->attempt, now->fence};
  }
};

TEST_CASE("100,000 tasks wait: every decision stays within the budget", "[scale]") {
  crowd f{100};
  CHECK(f.tree.most_used < 20'000);
  std::size_t done = 0;
  f.tree.most_used = 0;
  for (int i = 0; i < 20; ++i) {
    f.pass(100);
    CHECK(f.assign(128).given_out == 128);
    done += f.work(16);
    f.tick(100);
  }
  CHECK(done == 20 * 128);
  // The heads of three priorities, and what is given out: far less than what waits.
  CHECK(f.tree.most_used < 5'000);
}

/// For people: what the decisions cost. Not a test, because nothing is asserted about time.
TEST_CASE("transitions per second of processor time", "[.measure]") {
  crowd f{20};
  for (const std::size_t at_a_time : {1, 16, 64}) {
    const auto changes = f.tree.changes;
    const auto begin = std::clock();
    std::size_t done = 0;
    while (done < 5'000) {
      f.pass(10);
      f.assign(64);
      done += f.work(at_a_time);
    }
    const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::cout << at_a_time << " at a time: " << static_cast<double>(done) * 3 / seconds
              << " transitions per second of processor time, "
              << static_cast<double>(f.tree.changes - changes) / static_cast<double>(done) / 3
              << " changes of nodes each\n";
  }
}

}  // namespace
