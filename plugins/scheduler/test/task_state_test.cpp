#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/task_state.hpp"

using namespace scheduler;

namespace {

std::vector<task_state> all_states() {
  std::vector<task_state> all;
  for (std::size_t i = 0; i < task_states; ++i)
    all.push_back(static_cast<task_state>(i));
  return all;
}

/// What can come after any of `from`, in any number of steps for which `allowed` holds.
template <class Allowed>
std::set<task_state> reachable(std::set<task_state> from, Allowed allowed) {
  for (bool grows = true; grows;) {
    grows = false;
    for (const auto& one : edges())
      if (allowed(one) && from.contains(one.from)) grows |= from.insert(one.to).second;
  }
  return from;
}

TEST_CASE("a step is legal exactly if the table has it", "[states]") {
  const bool held = rc::check([] {
    const auto from = static_cast<task_state>(*rc::gen::inRange<std::size_t>(0, task_states));
    const auto to = static_cast<task_state>(*rc::gen::inRange<std::size_t>(0, task_states));
    const auto why = static_cast<reason>(*rc::gen::inRange<std::size_t>(0, reasons));
    const auto all = edges();
    const auto times = std::count_if(all.begin(), all.end(), [&](const edge& one) {
      return one.from == from && one.to == to && one.why == why;
    });
    RC_ASSERT(is_legal(from, to, why) == (times == 1));
  });
  CHECK(held);
}

TEST_CASE("no step is listed twice, leads nowhere or makes a task anew", "[states]") {
  std::set<std::tuple<task_state, task_state, reason>> seen;
  for (const auto& one : edges()) {
    CHECK(seen.emplace(one.from, one.to, one.why).second);
    CHECK(one.from != one.to);
    CHECK(one.why != reason::created);
  }
}

TEST_CASE("every state can be reached, and from every state there is an end", "[states]") {
  const auto any = [](const edge&) { return true; };
  std::set<task_state> first;
  for (const auto state : all_states())
    if (is_first(state)) first.insert(state);
  CHECK(reachable(first, any).size() == task_states);
  for (const auto state : all_states()) {
    const auto after = reachable({state}, any);
    CHECK(std::any_of(after.begin(), after.end(), is_over));
  }
}

TEST_CASE("what is over goes on only when somebody wants it", "[states]") {
  for (const auto& one : edges()) {
    if (!is_over(one.from)) continue;
    CHECK(one.why == reason::rerun);
    CHECK(one.from != task_state::succeeded);
  }
}

TEST_CASE("only ready tasks are given to workers, and only through ASSIGNED", "[states]") {
  for (const auto& one : edges()) {
    if (is_held(one.from) || !is_held(one.to)) continue;
    CHECK(one.from == task_state::ready);
    CHECK(one.to == task_state::assigned);
    CHECK(one.why == reason::assigned);
  }
}

TEST_CASE("completion counts only for who holds the task", "[states]") {
  for (const auto& one : edges()) {
    if (one.why != reason::completed) continue;
    CHECK((one.from == task_state::running || one.from == task_state::cancelling));
  }
  CHECK_FALSE(is_legal(task_state::lost, task_state::succeeded, reason::completed));
  CHECK_FALSE(is_legal(task_state::ready, task_state::succeeded, reason::completed));
}

TEST_CASE("without somebody's wish, a task that fails ends or waits for its next attempt",
          "[states]") {
  const auto after = reachable({task_state::failed},
                               [](const edge& one) { return one.from == task_state::failed; });
  CHECK(after == std::set{task_state::failed, task_state::retry_wait, task_state::dead});
}

TEST_CASE("every state and reason has a name of its own", "[states]") {
  std::set<std::string_view> names;
  for (const auto state : all_states())
    CHECK(names.insert(to_string(state)).second);
  for (std::size_t i = 0; i < reasons; ++i)
    CHECK(names.insert(to_string(static_cast<reason>(i))).second);
}

}  // namespace
