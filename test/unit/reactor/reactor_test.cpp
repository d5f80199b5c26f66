#include <catch2/catch.hpp>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include <caf/send.hpp>
#include <kj/async-io.h>

#include "runtime/reactor/posix_disk.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/reactor/reactor_thread.hpp"
#include "test/support/caf_world.hpp"
#include "test/support/loopback.hpp"
#include "test/unit/reactor/toys.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using test::ball;
using test::partner;
using test::player;
using test::player_handle;

namespace {

/// A reactor on the test's own thread.
struct reactor_world : test::caf_world {
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{system, disk};

  ~reactor_world() { loop.drain(); }

  template <class... Args>
  caf::strong_actor_ptr spawn(Args&&... args) {
    return sdk::spawn_pinned<player>(loop.unit(), std::forward<Args>(args)...);
  }
  static void end(const caf::strong_actor_ptr& who) {
    caf::anon_send_exit(who, caf::exit_reason::kill);
  }
};

/// Two actors that never stop talking to each other.
struct endless_game {
  explicit endless_game(reactor_world& world)
      : left(world.spawn([this](int) { ++hits; })), right(world.spawn([this](int) { ++hits; })) {
    handle<ball, partner>{left}.send(partner{player_handle{right}});
    handle<ball, partner>{right}.send(partner{player_handle{left}});
    player_handle{left}.send(ball{});
  }
  ~endless_game() {
    reactor_world::end(left);
    reactor_world::end(right);
  }
  std::uint64_t hits = 0;
  caf::strong_actor_ptr left, right;
};

}  // namespace

TEST_CASE("reactor: actors that talk for ever do not starve a timer") {
  reactor_world world;
  endless_game game{world};
  auto rang = kj::newPromiseAndFulfiller<void>();
  const auto timer = world.loop.ports().timers.after(1ms, [&] { rang.fulfiller->fulfill(); });
  world.loop.run_until(kj::mv(rang.promise));
  CHECK(game.hits > 0);
}

TEST_CASE("reactor: actors that talk for ever do not starve a socket") {
  reactor_world world;
  endless_game game{world};
  auto& network = world.loop.ports().network;
  constexpr int rounds = 20;
  test::loopback link;
  char at_server = 0, at_client = 0;
  std::function<kj::Promise<void>(int)> round = [&](int left) -> kj::Promise<void> {
    if (left == 0) return kj::READY_NOW;
    return link.client->write("x", 1)
        .then([&] { return link.server->read(&at_server, 1); })
        .then([&] { return link.server->write("y", 1); })
        .then([&] { return link.client->read(&at_client, 1); })
        .then([&round, left] { return round(left - 1); });
  };
  world.loop.run_until(link.connect(network).then([&] { return round(rounds); }));
  CHECK(at_server == 'x');
  CHECK(at_client == 'y');
  CHECK(game.hits > 0);
}

TEST_CASE("reactor: actors that talk for ever do not starve other threads' messages") {
  reactor_world world;
  endless_game game{world};
  auto arrived = kj::newPromiseAndFulfiller<void>();
  const auto target = world.spawn([&](int number) {
    if (number == 7) arrived.fulfiller->fulfill();
  });
  std::thread other{[&] { player_handle{target}.send(ball{7}); }};
  world.loop.run_until(kj::mv(arrived.promise));
  other.join();
  reactor_world::end(target);
}

TEST_CASE("reactor: messages of many threads arrive on the home thread, each sender's in order") {
  reactor_world world;
  constexpr int senders = 4, each = 2000;
  auto complete = kj::newPromiseAndFulfiller<void>();
  std::array<int, senders> next{};
  int total = 0;
  bool in_order = true, at_home = true;
  const auto home = std::this_thread::get_id();
  const auto target = world.spawn([&](int number) {
    at_home = at_home && std::this_thread::get_id() == home;
    auto& expected = next[static_cast<std::size_t>(number / each)];
    in_order = in_order && number % each == expected++;
    if (++total == senders * each) complete.fulfiller->fulfill();
  });
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s) {
    threads.emplace_back([s, to = player_handle{target}] {
      for (int i = 0; i < each; ++i)
        to.send(ball{s * each + i});
    });
  }
  world.loop.run_until(kj::mv(complete.promise));
  for (auto& one : threads)
    one.join();
  CHECK(in_order);
  CHECK(at_home);
  reactor_world::end(target);
}

TEST_CASE("reactor: an actor that ended is released") {
  const auto alive = std::make_shared<int>(0);
  {
    reactor_world world;
    auto actor = world.spawn([](int) {}, role::component::supervisor{}, alive);
    CHECK(alive.use_count() == 2);
    reactor_world::end(actor);
    actor = nullptr;
    world.loop.drain();
    CHECK(alive.use_count() == 1);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("reactor: an actor that never ran is released with its reactor") {
  const auto alive = std::make_shared<int>(0);
  {
    test::caf_world caf;
    reactor::posix_disk disk{"/nonexistent"};
    reactor::reactor loop{caf.system, disk};
    const auto actor = sdk::spawn_pinned<player>(
        loop.unit(), [](int) {}, role::component::supervisor{}, alive);
    reactor_world::end(actor);
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("reactor thread: two reactors exchange messages, each actor on its own thread") {
  test::caf_world caf;
  reactor::posix_disk disk{"/nonexistent"};
  std::thread::id first_at, second_at;
  std::promise<void> done;
  {
    reactor::reactor_thread first{caf.system, disk}, second{caf.system, disk};
    caf::strong_actor_ptr left, right;
    left = sdk::spawn_pinned<player>(first.get().unit(), [&](int number) {
      first_at = std::this_thread::get_id();
      if (number == 100) done.set_value();
    });
    right = sdk::spawn_pinned<player>(second.get().unit(),
                                      [&](int) { second_at = std::this_thread::get_id(); });
    handle<ball, partner>{left}.send(partner{player_handle{right}});
    handle<ball, partner>{right}.send(partner{player_handle{left}});
    player_handle{left}.send(ball{0});
    done.get_future().get();
    reactor_world::end(left);
    reactor_world::end(right);
  }
  CHECK(first_at != second_at);
  CHECK(first_at != std::this_thread::get_id());
}
