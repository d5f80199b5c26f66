#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <caf/send.hpp>

#include "runtime/reactor/run_queue.hpp"
#include "test/support/caf_world.hpp"
#include "test/unit/reactor/toys.hpp"

using namespace troupe;
using test::ball;
using test::player;
using test::player_handle;
using test::recorder;

namespace {

struct unexpected {};

/// A run queue that is driven by hand, and a supervisor that takes notes.
struct queue_world : test::caf_world {
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  reactor::run_queue queue{system, [] {}};
  std::vector<std::string> notes;
  caf::strong_actor_ptr supervisor = sdk::spawn_pinned<recorder>(
      queue, [this](std::string note) { notes.push_back(std::move(note)); });

  ~queue_world() {
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    settle();
  }
  void settle() {
    while (loop.isRunnable())
      loop.run(1);
  }
};

}  // namespace

TROUPE_MESSAGE(unexpected)

TEST_CASE("pinned actor: an exception in a handler is reported, and nothing is handled after it") {
  queue_world world;
  int handled = 0;
  const player_handle actor{sdk::spawn_pinned<player>(
      world.queue,
      [&](int number) {
        ++handled;
        if (number == 2) throw std::runtime_error{"two is too many"};
      },
      role::component::supervisor{world.supervisor})};
  for (int i = 1; i <= 4; ++i)
    actor.send(ball{i});
  world.settle();
  CHECK(handled == 2);
  REQUIRE(world.notes.size() == 1);
  CHECK(world.notes[0] == "failed 1: unexpected exception in a handler: two is too many");
}

TEST_CASE("pinned actor: a message that nobody takes is reported") {
  queue_world world;
  const handle<unexpected> actor{sdk::spawn_pinned<player>(
      world.queue, [](int) {}, role::component::supervisor{world.supervisor})};
  actor.send(unexpected{});
  world.settle();
  REQUIRE(world.notes.size() == 1);
  CHECK(world.notes[0].starts_with("failed 1: a message that no handler takes"));
}

TEST_CASE("pinned actor: messages to one that ended are dropped") {
  queue_world world;
  int handled = 0;
  const auto actor = sdk::spawn_pinned<player>(
      world.queue, [&](int) { ++handled; }, role::component::supervisor{world.supervisor});
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  world.settle();
  player_handle{actor}.send(ball{1});
  world.settle();
  CHECK(handled == 0);
  CHECK(world.notes.empty());
}

TEST_CASE("run queue: one turn of the loop is bounded, however much there is to do") {
  queue_world world;
  int handled = 0;
  const player_handle self{sdk::spawn_pinned<player>(world.queue, [&](int) { ++handled; })};
  const handle<test::ball, test::partner> full{self.pointer()};
  full.send(test::partner{self});  // it plays with itself for ever
  full.send(ball{0});
  for (int turn = 0; turn < 10; ++turn) {
    const auto before = handled;
    world.loop.run(1);
    CHECK(handled - before <= 32 * 32);
  }
  CHECK(handled > 0);
  CHECK_FALSE(world.queue.idle());
  caf::anon_send_exit(self.pointer(), caf::exit_reason::kill);
}

TEST_CASE("run queue: with a seed the order of actors is drawn, the same for the same seed") {
  const auto run = [](std::uint64_t seed) {
    queue_world world;
    world.queue.shuffle(seed);
    std::string log;
    std::vector<player_handle> actors;
    for (char c = 'a'; c <= 'j'; ++c) {
      actors.emplace_back(sdk::spawn_pinned<player>(world.queue, [&log, c](int) { log += c; }));
    }
    for (int i = 0; i < 3; ++i) {
      for (const auto& one : actors)
        one.send(ball{i});
    }
    world.settle();
    for (const auto& one : actors) {
      caf::anon_send_exit(one.pointer(), caf::exit_reason::kill);
    }
    return log;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
  CHECK(run(1).size() == 30);
}
