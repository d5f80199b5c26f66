/// Virtual time: an event loop that never waits.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <kj/async.h>
#include <kj/timer.h>

#include <troupe/base/prng.hpp>
#include <troupe/sdk/ports.hpp>

namespace troupe::testing {

/// The port of a loop without an outside: when nothing is left to run, time jumps to the next
/// timer.
class sim_event_port final : public kj::EventPort {
public:
  explicit sim_event_port(kj::TimerImpl& timer) : timer_(timer) {}

  /// Jumps to the next timer; false if there is none.
  bool advance();

  bool wait() override;
  bool poll() override { return false; }
  void wake() const override {}

private:
  kj::TimerImpl& timer_;
};

/// A server's clocks: virtual time for deadlines, and a wall clock that can be set.
class sim_clock final : public sdk::clock {
public:
  explicit sim_clock(kj::Timer& timer) : timer_(timer) {}

  [[nodiscard]] monotonic_time now() const override;
  [[nodiscard]] wall_time wall() const override;

  /// Moves the wall clock, as an operator or NTP may do at any time.
  void jump_wall(milliseconds by) { wall_offset_ += by; }

private:
  kj::Timer& timer_;
  milliseconds wall_offset_{1'700'000'000'000};
};

/// Random numbers and "secrets" from the seed.
class sim_entropy final : public sdk::entropy {
public:
  explicit sim_entropy(prng random) : random_(random) {}
  std::uint64_t number() override { return random_(); }
  std::string secret(std::size_t size) override;

private:
  prng random_;
};

/// Workers whose jobs run on the loop's thread after a random delay, lane by lane in order.
class sim_workers final : public sdk::workers {
public:
  sim_workers(sdk::timers& timers, prng random) : timers_(timers), random_(random) {}

  std::uint32_t new_lane(std::string name, sdk::priority how) override;
  void run(std::uint32_t lane, std::function<void()> job, std::function<void()> done) override;

  /// Drops everything that has not run, and everything that comes later.
  void cut();
  /// From the next job on each takes up to `most`; zero: mostly as quick as a good disk.
  void slow_down(nanoseconds most) { slowest_ = most; }

private:
  struct item {
    std::function<void()> job, done;
  };
  struct lane {
    std::deque<item> items;
    sdk::timer timer;
  };
  void begin(std::uint32_t number);
  void finish(std::uint32_t number);

  sdk::timers& timers_;
  prng random_;
  std::vector<lane> lanes_;
  nanoseconds slowest_{0};
  bool cut_ = false;
};

}  // namespace troupe::testing
