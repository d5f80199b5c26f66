#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>

#include "core/dag.hpp"

using namespace scheduler;

namespace {

task_definition task(const std::string& name, std::vector<std::string> upstream = {}) {
  task_definition one;
  one.name = name;
  one.upstream = std::move(upstream);
  return one;
}

job_definition job(std::vector<task_definition> tasks) {
  job_definition one;
  one.name = "j";
  one.tasks = std::move(tasks);
  return one;
}

std::string problem(const job_definition& which) {
  const auto checked = check_job(which);
  return checked ? "" : checked.error().message;
}

TEST_CASE("a cycle is named", "[dag]") {
  CHECK(problem(job({task("a"), task("b", {"a", "d"}), task("c", {"b"}), task("d", {"c"}),
                     task("e", {"d"})})) ==
        "job \"j\": its tasks wait for one another: b -> c -> d -> b; take one of these "
        "dependencies away");
  CHECK(problem(job({task("a", {"a"})})).find("a -> a;") != std::string::npos);
  CHECK(problem(job({task("a"), task("b", {"a"}), task("c", {"a", "b"})})).empty());
}

TEST_CASE("a graph has a cycle exactly if it cannot be put into an order", "[dag]") {
  const bool held = rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 8);
    std::vector<task_definition> tasks;
    for (std::size_t i = 0; i < count; ++i) {
      tasks.push_back(task("t" + std::to_string(i)));
      for (std::size_t j = 0; j < count; ++j)
        if (*rc::gen::inRange(0, 4) == 0) tasks[i].upstream.push_back("t" + std::to_string(j));
    }
    // Who can be reached from whom, by Warshall.
    std::vector<std::vector<bool>> before(count, std::vector<bool>(count));
    for (std::size_t i = 0; i < count; ++i)
      for (const auto& name : tasks[i].upstream)
        before[i][std::stoul(name.substr(1))] = true;
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < count; ++j)
          if (before[i][k] && before[k][j]) before[i][j] = true;
    bool cyclic = false;
    for (std::size_t i = 0; i < count; ++i)
      cyclic = cyclic || before[i][i];
    const auto cycle = find_cycle(tasks);
    RC_ASSERT(cycle.has_value() == cyclic);
    if (!cycle) return;
    RC_ASSERT(cycle->size() >= 2 && cycle->front() == cycle->back());
    for (std::size_t i = 0; i + 1 < cycle->size(); ++i) {
      const auto& next = tasks[std::stoul((*cycle)[i + 1].substr(1))].upstream;
      RC_ASSERT(std::count(next.begin(), next.end(), (*cycle)[i]) == 1);
    }
  });
  CHECK(held);
}

TEST_CASE("definitions that make no sense are refused, with the reason", "[dag]") {
  CHECK(problem(job({})) == "job \"j\": it has 0 tasks; write 1 to 1000");
  CHECK(problem(job({task("a"), task("a")})) == "job \"j\": two tasks are called \"a\"");
  CHECK(problem(job({task("a", {"x"})})) ==
        "job \"j\": the task \"a\" waits for \"x\", which is no task");
  CHECK(problem(job({task("a"), task("b", {"a", "a"})})) ==
        "job \"j\": the task \"b\" waits for \"a\" twice");
  CHECK(problem(job({task("a.b")})).find("1 to 64 of a-z A-Z 0-9 _ and -") != std::string::npos);
  auto each = job({task("a"), task("b")});
  each.tasks[1].each_of = "a";
  CHECK(problem(each).find("not among the tasks upstream") != std::string::npos);
  auto strange = job({task("a")});
  strange.tasks[0].priority = 10;
  CHECK(problem(strange).find("has priority 10") != std::string::npos);
  strange = job({task("a")});
  strange.tasks[0].limits.heartbeat = -1;
  CHECK(problem(strange).find("negative") != std::string::npos);
  strange = job({task("a")});
  strange.tasks[0].payload.assign(most_payload + 1, 'x');
  CHECK(problem(strange).find("65537 bytes") != std::string::npos);
}

TEST_CASE("dependency rules", "[dag]") {
  using r = dependency_rule;
  using s = task_state;
  const auto judged = [](r rule, std::uint32_t total, std::vector<s> over) {
    upstream_counts counts{total, 0, 0, 0};
    for (const auto end : over)
      counts.add(end);
    return judge(rule, counts);
  };
  for (const auto rule : {r::all_success, r::all_done, r::one_success, r::none_failed})
    CHECK(judged(rule, 0, {}) == readiness::go);
  CHECK(judged(r::all_success, 2, {s::succeeded}) == readiness::wait);
  CHECK(judged(r::all_success, 2, {s::succeeded, s::succeeded}) == readiness::go);
  CHECK(judged(r::all_success, 3, {s::skipped}) == readiness::skip);
  CHECK(judged(r::all_done, 2, {s::dead}) == readiness::wait);
  CHECK(judged(r::all_done, 2, {s::dead, s::skipped}) == readiness::go);
  CHECK(judged(r::one_success, 3, {s::dead, s::succeeded}) == readiness::go);
  CHECK(judged(r::one_success, 2, {s::dead}) == readiness::wait);
  CHECK(judged(r::one_success, 2, {s::dead, s::cancelled}) == readiness::skip);
  CHECK(judged(r::none_failed, 2, {s::skipped, s::succeeded}) == readiness::go);
  CHECK(judged(r::none_failed, 2, {s::cancelled}) == readiness::skip);
  CHECK(judged(r::none_failed, 2, {s::skipped}) == readiness::wait);
}

TEST_CASE("once all are over, nobody waits, and no verdict is taken back", "[dag]") {
  const bool held = rc::check([] {
    const auto rule = static_cast<dependency_rule>(*rc::gen::inRange(0, 4));
    const auto ends = *rc::gen::container<std::vector<task_state>>(rc::gen::element(
        task_state::succeeded, task_state::dead, task_state::skipped, task_state::cancelled));
    upstream_counts counts{static_cast<std::uint32_t>(ends.size()), 0, 0, 0};
    auto verdict = judge(rule, counts);
    for (const auto end : ends) {
      const auto before = counts;
      counts.add(end);
      auto back = counts;
      back.take_back(end);
      RC_ASSERT(back == before);
      const auto next = judge(rule, counts);
      RC_ASSERT(verdict == readiness::wait || verdict == next);
      verdict = next;
    }
    RC_ASSERT(verdict != readiness::wait);
  });
  CHECK(held);
}

}  // namespace
