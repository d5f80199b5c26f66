/// An event loop with virtual time, and what components need of the world, for tests of one actor.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <troupe/sdk/ports.hpp>
#include <troupe/testing/sim_disk.hpp>
#include <troupe/testing/sim_network.hpp>
#include <troupe/testing/sim_time.hpp>

#include "runtime/reactor/loop_timers.hpp"
#include "runtime/reactor/run_queue.hpp"
#include "test/support/caf_world.hpp"

namespace troupe::test {

struct loop_world : caf_world {
  /// Until nobody has anything to do at this moment.
  void settle() {
    while (loop.isRunnable())
      loop.run(1);
  }

  kj::TimerImpl time{kj::origin<kj::TimePoint>()};
  testing::sim_event_port port{time};
  kj::EventLoop loop{port};
  kj::WaitScope scope{loop};
  reactor::loop_timers timers{time};
  reactor::run_queue queue{system, [] {}};
  testing::sim_clock clock{time};
  testing::sim_entropy entropy{prng{1}};
  testing::sim_workers workers{timers, prng{2}};
  testing::sim_disk disk{3};
  testing::sim_network network{timers, time, 4};
  sdk::ports ports{clock, entropy, timers, workers, disk, network.host("here"), time};
};

}  // namespace troupe::test
