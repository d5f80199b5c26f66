#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <kj/async.h>
#include <kj/timer.h>

#include <troupe/base/prng.hpp>
#include <troupe/testing/sim_time.hpp>

#include "runtime/reactor/loop_timers.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// A loop whose time only moves when it is told to.
struct timer_world {
  kj::TimerImpl time{kj::origin<kj::TimePoint>()};
  testing::sim_event_port port{time};
  kj::EventLoop loop{port};
  kj::WaitScope scope{loop};
  reactor::loop_timers timers{time};

  void settle() {
    while (loop.isRunnable())
      loop.run(1);
  }
  void pass(nanoseconds by) {
    time.advanceTo(time.now() + by.count() * kj::NANOSECONDS);
    settle();
  }
};

}  // namespace

TEST_CASE("timers: they go off when they are due, in order of time") {
  timer_world world;
  std::string log;
  const auto late = world.timers.after(30ms, [&] { log += 'c'; });
  const auto early = world.timers.after(10ms, [&] { log += 'a'; });
  const auto middle = world.timers.after(20ms, [&] { log += 'b'; });
  world.pass(10ms - 1ns);
  CHECK(log.empty());
  world.pass(1ns);
  CHECK(log == "a");
  world.pass(1h);
  CHECK(log == "abc");
}

TEST_CASE("timers: those of one moment go off in the order in which they were made") {
  timer_world world;
  std::string log;
  std::vector<sdk::timer> all;
  for (char c = 'a'; c <= 'z'; ++c)
    all.push_back(world.timers.after(5ms, [&log, c] { log += c; }));
  world.pass(5ms);
  CHECK(log == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("timers: a destroyed handle stops its timer") {
  timer_world world;
  std::string log;
  auto first = world.timers.after(10ms, [&] { log += 'a'; });
  const auto second = world.timers.after(10ms, [&] { log += 'b'; });
  first.reset();
  world.pass(1s);
  CHECK(log == "b");
}

TEST_CASE("timers: one may destroy its own handle and those of others from its callback") {
  timer_world world;
  std::string log;
  sdk::timer mine, other;
  mine = world.timers.after(10ms, [&] {
    log += 'a';
    mine.reset();
    other.reset();
  });
  other = world.timers.after(10ms, [&] { log += 'b'; });
  world.pass(1s);
  CHECK(log == "a");
}

TEST_CASE("timers: one may be made anew from its own callback") {
  timer_world world;
  int count = 0;
  sdk::timer again;
  std::function<void()> tick = [&] {
    if (++count < 5) again = world.timers.after(10ms, tick);
  };
  again = world.timers.after(10ms, tick);
  for (int i = 1; i <= 5; ++i) {
    world.pass(10ms);
    CHECK(count == i);
  }
  world.pass(1s);
  CHECK(count == 5);
}

TEST_CASE("timers: one without delay that always makes the next does not hold up the loop") {
  timer_world world;
  int count = 0;
  sdk::timer again;
  std::function<void()> tick = [&] {
    ++count;
    again = world.timers.after(0ns, tick);
  };
  again = world.timers.after(0ns, tick);
  world.pass(1ns);
  CHECK(count == 1);
  world.pass(1ns);
  CHECK(count == 2);
}

TEST_CASE("timers: an earlier one may be added to a later one, and the later one still goes off") {
  timer_world world;
  std::string log;
  const auto late = world.timers.after(1h, [&] { log += 'b'; });
  const auto early = world.timers.after(1ms, [&] { log += 'a'; });
  world.pass(1ms);
  CHECK(log == "a");
  world.pass(1h);
  CHECK(log == "ab");
}

TEST_CASE("timers: a negative delay is none") {
  timer_world world;
  bool rang = false;
  const auto now = world.timers.after(-1h, [&] { rang = true; });
  world.pass(1ns);
  CHECK(rang);
}

TEST_CASE("timers: handles may outlive the timers") {
  timer_world world;
  auto owner = std::make_unique<reactor::loop_timers>(world.time);
  auto handle = owner->after(1s, [] { FAIL("the timers are gone"); });
  owner.reset();
  handle.reset();
  world.pass(2s);
}

TEST_CASE("timers: thousands, made and destroyed at random, agree with a list") {
  timer_world world;
  prng random{7};
  std::map<int, sdk::timer> handles;
  std::map<int, nanoseconds> model;
  std::vector<int> rang;
  nanoseconds now{0};
  for (int i = 0; i < 5000; ++i) {
    if (random.chance(2, 3)) {
      const nanoseconds delay{random.below(1'000'000)};
      handles[i] = world.timers.after(delay, [&rang, i] { rang.push_back(i); });
      model[i] = now + delay;
    } else if (!model.empty()) {
      const auto victim =
          std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())))->first;
      handles.erase(victim);
      model.erase(victim);
    }
    if (random.chance(1, 10)) {
      const nanoseconds step{1 + random.below(200'000)};
      rang.clear();
      world.pass(step);
      now += step;
      std::multimap<nanoseconds, int> due;
      for (const auto& [number, when] : model) {
        if (when <= now) due.emplace(when, number);
      }
      std::vector<int> expected;
      for (const auto& [when, number] : due) {
        expected.push_back(number);
        model.erase(number);
      }
      REQUIRE(rang == expected);
    }
  }
}
