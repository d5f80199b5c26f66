#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/firing.hpp"

using namespace scheduler;

namespace {

using list = std::vector<instant>;

constexpr instant minute = 60'000;
const schedule every_minute = interval_schedule{minute};

TEST_CASE("what is due in time is fired, whatever the policy", "[firing]") {
  for (const auto policy :
       {misfire_policy::fire_once, misfire_policy::fire_all, misfire_policy::skip}) {
    misfire_rules rules{policy};
    const auto due = due_within(every_minute, 10 * minute, 11 * minute + 5, rules, 10);
    CHECK(due.fire == list{11 * minute});
    CHECK(due.newest == 11 * minute);
    CHECK_FALSE(due.dropped_any);
  }
}

TEST_CASE("missed instants: one for all, the newest, or none", "[firing]") {
  misfire_rules rules;
  rules.tolerance = 10'000;
  const auto now = 100 * minute + 30'000;
  const auto once = due_within(every_minute, 10 * minute, now, rules, 10);
  CHECK(once.fire == list{100 * minute});
  CHECK(once.dropped_any);
  CHECK(once.newest == 100 * minute);

  rules.policy = misfire_policy::fire_all;
  rules.most_missed = 3;
  const auto all = due_within(every_minute, 10 * minute, now, rules, 10);
  CHECK(all.fire == list{98 * minute, 99 * minute, 100 * minute});
  CHECK(all.dropped_any);
  CHECK_FALSE(due_within(every_minute, 97 * minute, now, rules, 10).dropped_any);

  rules.policy = misfire_policy::skip;
  const auto none = due_within(every_minute, 10 * minute, now, rules, 10);
  CHECK(none.fire.empty());
  CHECK(none.dropped_any);
  CHECK(none.newest == 100 * minute);
}

TEST_CASE("what is older than the start deadline is not made up for", "[firing]") {
  misfire_rules rules{misfire_policy::fire_all, 1000, 10'000, 3 * minute};
  const auto due = due_within(every_minute, 0, 100 * minute, rules, 10);
  CHECK(due.fire == list{97 * minute, 98 * minute, 99 * minute, 100 * minute});
  CHECK(due.dropped_any);
}

TEST_CASE("more than fits at once is fired by the next calls", "[firing]") {
  misfire_rules rules;
  rules.tolerance = 60 * minute;
  const auto first = due_within(every_minute, 0, 10 * minute, rules, 4);
  CHECK(first.fire == list{minute, 2 * minute, 3 * minute, 4 * minute});
  CHECK(first.newest == 4 * minute);
}

TEST_CASE("each instant is fired at most once, however time is cut into pieces", "[firing]") {
  const bool held = rc::check([] {
    misfire_rules rules;
    rules.policy = static_cast<misfire_policy>(*rc::gen::inRange(0, 3));
    rules.tolerance = *rc::gen::inRange<instant>(0, 3 * minute);
    rules.start_deadline = *rc::gen::inRange<instant>(0, 5 * minute);
    const auto steps = *rc::gen::container<std::vector<instant>>(
        rc::gen::inRange<instant>(-2 * minute, 10 * minute));  // the clock may go back
    instant now = 100 * minute, last = now;
    for (const auto step : steps) {
      now += step;
      const auto due = due_within(every_minute, last, now, rules, 5);
      instant previous = last;
      for (const auto one : due.fire) {
        RC_ASSERT(one > previous && one <= now && one % minute == 0);
        previous = one;
      }
      if (due.newest) {
        RC_ASSERT(*due.newest >= previous && *due.newest <= now);
        last = *due.newest;
      } else {
        RC_ASSERT(due.fire.empty() && (now < last || now / minute == last / minute));
      }
    }
  });
  CHECK(held);
}

TEST_CASE("overlapping runs", "[firing]") {
  using v = overlap_verdict;
  CHECK(decide_overlap({overlap_policy::allow, 2, 0}, 1, 0) == v::start);
  CHECK(decide_overlap({overlap_policy::allow, 2, 0}, 2, 0) == v::drop);
  CHECK(decide_overlap({overlap_policy::forbid, 9, 0}, 0, 0) == v::start);
  CHECK(decide_overlap({overlap_policy::forbid, 9, 0}, 1, 0) == v::drop);
  CHECK(decide_overlap({overlap_policy::replace, 9, 0}, 1, 0) == v::replace);
  CHECK(decide_overlap({overlap_policy::queue, 9, 2}, 0, 0) == v::start);
  CHECK(decide_overlap({overlap_policy::queue, 9, 2}, 0, 1) == v::enqueue);
  CHECK(decide_overlap({overlap_policy::queue, 9, 2}, 1, 1) == v::enqueue);
  CHECK(decide_overlap({overlap_policy::queue, 9, 2}, 1, 2) == v::drop);
  CHECK(may_dequeue({overlap_policy::queue, 9, 2}, 0));
  CHECK_FALSE(may_dequeue({overlap_policy::queue, 9, 2}, 1));
  CHECK_FALSE(may_dequeue({overlap_policy::allow, 9, 2}, 0));
}

}  // namespace
