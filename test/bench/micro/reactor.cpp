/// The reactor: what it costs to go from one actor to another on the same thread.

#include <memory>
#include <stdexcept>

#include <caf/send.hpp>
#include <kj/async.h>

#include "harness.hpp"
#include "runtime/reactor/run_queue.hpp"
#include "test/support/caf_world.hpp"
#include "test/unit/reactor/toys.hpp"

namespace micro {

namespace {

using namespace troupe;
using test::ball;
using test::player;
using test::player_handle;

/// Two actors of one run queue that play ball until they are told to stop.
struct pair_of_players : test::caf_world {
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  reactor::run_queue queue{system, [] {}};
  std::uint64_t hops = 0;
  player_handle one{sdk::spawn_pinned<player>(queue, [this](int) { ++hops; })};
  player_handle two{sdk::spawn_pinned<player>(queue, [this](int) { ++hops; })};

  pair_of_players() {
    using introduced = handle<ball, test::partner>;
    introduced{one.pointer()}.send(test::partner{two});
    introduced{two.pointer()}.send(test::partner{one});
  }
};

void hop(std::uint64_t n) {
  // Never destroyed: the ball is still in play.
  static auto* const world = new pair_of_players;
  const auto end = world->hops + n;
  if (world->hops == 0) {
    world->one.send(ball{0});
  }
  while (world->hops < end) {
    if (!world->loop.isRunnable()) {
      throw std::runtime_error{"the ball is lost"};
    }
    world->loop.run(1);
  }
}

}  // namespace

std::vector<piece> reactor_pieces() { return {{"reactor: a hop from actor to actor", hop}}; }

}  // namespace micro
