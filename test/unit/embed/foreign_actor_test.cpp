#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/system_messages.hpp>

#include "test/unit/embed/fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;
namespace coordinator = role::coordinator;
using test::application;
using test::scratch;
using test::server;

namespace {

/// What the actors of a test have seen. Each writes only its own entry.
struct record {
  std::vector<std::string> out_of_order;
  std::set<std::thread::id> threads;
  int answers = 0;
  std::string end;
};

/// An actor of the application, on CAF's scheduler: it makes its znode, changes it many times with
/// several writes in flight, each followed by a read, and checks that everything comes in order.
class worker : public caf::event_based_actor {
public:
  worker(caf::actor_config& config, coordinator::actor gateway, std::string path, int count,
         record& notes, std::function<void()> when_done)
      : caf::event_based_actor(config), gateway_(std::move(gateway)), path_(std::move(path)),
        count_(count), notes_(notes), done_(std::move(when_done)) {}

  caf::behavior make_behavior() override {
    set_down_handler([this](const caf::down_msg&) { end("the coordinator has ended"); });
    monitor(caf::actor_cast<caf::actor>(gateway_.pointer()));
    gateway_.send(
        coordinator::attach{coordinator::client{caf::actor_cast<caf::strong_actor_ptr>(this)}});
    return {
        [this](const coordinator::attached& m) {
          client_ = m.client;
          gateway_.send(coordinator::open{client_, 1, 10s});
        },
        [this](const coordinator::opened& m) { opened(m); },
        [this](const coordinator::wrote& m) { wrote(m); },
        [this](const coordinator::read_done& m) { read(m); },
        [this](const coordinator::event& m) { event(m); },
        [this](const coordinator::session_ended&) {},
    };
  }
  void on_exit() override { gateway_.reset(); }

private:
  void opened(const coordinator::opened& message) {
    session_ = message.session;
    create_op create;
    create.path = path_;
    create.acl = {{permission_all, {"world", "anyone"}}};
    write(std::move(create));
    ask_again();
  }
  void ask_again() {
    for (int i = 0; i < 10 && next_ < count_; ++i, ++next_) {
      gateway_.send(coordinator::read{client_, tokens_++, session_, {}, exists_op{path_, true}});
      write(set_data_op{path_, blob{std::to_string(next_)}});
      gateway_.send(coordinator::read{client_, tokens_++, session_, {}, get_data_op{path_, false}});
    }
  }
  void write(write_op what) {
    gateway_.send(coordinator::write{client_, tokens_++, session_, {}, std::move(what)});
  }

  void wrote(const coordinator::wrote& message) {
    // A refusal need not wait for what was asked before.
    if (message.results.front().error != error_code::ok) {
      end(std::string{to_string(message.results.front().error)});
      return;
    }
    expect("write", message.token);
  }
  void read(const coordinator::read_done& message) {
    if (message.result.error == error_code::throttled) {
      end("THROTTLEDOP");
      return;
    }
    expect("read", message.token);
    if (message.result.data.is_null()) return;
    // The watch was set before the write that this read sees, and its event has come.
    const auto number = std::stoi(std::string{message.result.data.view()});
    if (events_ != number + 1) notes_.out_of_order.push_back("data before event");
    if (number + 1 == count_) {
      end("done");
    } else if (number + 1 == next_) {
      ask_again();
    }
  }
  void event(const coordinator::event& message) {
    ++events_;
    if (message.path != path_) notes_.out_of_order.push_back("event of " + message.path);
  }
  void expect(const std::string& what, std::uint64_t token) {
    notes_.threads.insert(std::this_thread::get_id());
    ++notes_.answers;
    if (token != expected_++) notes_.out_of_order.push_back(what + std::to_string(token));
  }
  void end(const std::string& how) {
    if (!notes_.end.empty()) return;
    notes_.end = how;
    quit();
    done_();
  }

  coordinator::actor gateway_;
  const std::string path_;
  const int count_;
  record& notes_;
  const std::function<void()> done_;
  std::uint64_t client_ = 0, tokens_ = 2, expected_ = 2;
  session_id session_;
  int next_ = 0, events_ = 0;
};

}  // namespace

TEST_CASE("embed: actors on CAF's own threads use the coordinator, and everything is in order") {
  application app;
  const scratch directory;
  embed::deployment troupe{app.system, server(directory.path)};
  constexpr int actors = 16, writes = 200;
  std::map<int, record> notes;
  std::atomic<int> left = actors;
  test::signal all_done;
  for (int i = 0; i < actors; ++i) {
    app.system.spawn<worker>(troupe.coordinator(), "/w" + std::to_string(i), writes, notes[i], [&] {
      if (--left == 0) all_done.set();
    });
  }
  REQUIRE(all_done.wait());
  app.system.await_all_actors_done();
  for (const auto& [number, one] : notes) {
    CAPTURE(number);
    CHECK(one.end == "done");
    CHECK(one.out_of_order.empty());
    CHECK(one.answers == 1 + 3 * writes);
  }
  // Sessions of actors that ended go.
  CHECK(troupe.stop().clean);
}

TEST_CASE("embed: actors that monitor the coordinator hear of its end on their own threads") {
  const scratch directory;
  for (int round = 0; round < 10; ++round) {
    application app;
    embed::deployment troupe{app.system, server(directory.path)};
    constexpr int actors = 8;
    std::map<int, record> notes;
    std::atomic<int> left = actors;
    test::signal all_done;
    for (int i = 0; i < actors; ++i) {
      app.system.spawn<worker>(troupe.coordinator(),
                               "/r" + std::to_string(round) + "w" + std::to_string(i), 1'000'000,
                               notes[i], [&] {
                                 if (--left == 0) all_done.set();
                               });
    }
    auto client = embed::client::open(troupe);
    REQUIRE(client);
    for (int i = 0; i < 20; ++i)
      REQUIRE(client->create("/n-", "", {.sequential = true}));
    CHECK(troupe.stop().reason == "");
    REQUIRE(all_done.wait());
    app.system.await_all_actors_done();
    for (const auto& [number, one] : notes) {
      CAPTURE(number, one.end);
      CHECK(one.out_of_order.empty());
      CHECK((one.end == "the coordinator has ended" || one.end == "THROTTLEDOP" ||
             one.end == "SESSIONEXPIRED"));
    }
  }
}

TEST_CASE("embed: actors that end with requests in flight hold up nobody") {
  // The read waits in the tree for the write before it, and goes with its actor.
  struct leaver : caf::event_based_actor {
    leaver(caf::actor_config& config, coordinator::actor where)
        : caf::event_based_actor(config), gateway(std::move(where)) {}
    caf::behavior make_behavior() override {
      gateway.send(
          coordinator::attach{coordinator::client{caf::actor_cast<caf::strong_actor_ptr>(this)}});
      return {[this](const coordinator::attached& m) {
        create_op create;
        create.path = "/n-";
        create.acl = {{permission_all, {"world", "anyone"}}};
        create.sequential = true;
        gateway.send(coordinator::write{m.client, 1, {}, {}, std::move(create)});
        gateway.send(coordinator::read{m.client, 2, {}, {}, get_data_op{"/", false}});
        quit();
      }};
    }
    void on_exit() override { gateway.reset(); }
    coordinator::actor gateway;
  };
  application app;
  const scratch directory;
  embed::deployment troupe{app.system, server(directory.path)};
  REQUIRE_FALSE(troupe.wait_ready());
  for (int i = 0; i < 200; ++i)
    app.system.spawn<leaver>(troupe.coordinator());
  app.system.await_all_actors_done();
  CHECK(troupe.stop().reason == "");
}

TEST_CASE("embed: an actor's handle may outlive the deployment") {
  application app;
  coordinator::actor kept;
  {
    const scratch directory;
    embed::deployment troupe{app.system, server(directory.path)};
    kept = troupe.coordinator();
    REQUIRE(kept);
    REQUIRE_FALSE(troupe.wait_ready());
  }
  kept.send(coordinator::attach{});
  kept.reset();
}

TEST_CASE("embed: the reactor runs no actor of the application") {
  // The one who is told of the coordinator's end is not run by the thread that ends it: that thread
  // would do the application's work from then on, and stop in the middle of it.
  struct listener : caf::event_based_actor {
    listener(caf::actor_config& config, const coordinator::actor& whom, std::thread::id& where,
             test::signal& heard)
        : caf::event_based_actor(config) {
      set_down_handler([this, &where, &heard](const caf::down_msg&) {
        where = std::this_thread::get_id();
        heard.set();
        quit();
      });
      monitor(caf::actor_cast<caf::actor>(whom.pointer()));
    }
    caf::behavior make_behavior() override {
      return {[](int) {}};
    }
  };
  application app;
  const scratch directory;
  std::thread::id reactor, hearing;
  test::signal heard;
  embed::settings added;
  added.types.add(
      test::own_type("app.own", {.on_start = [&] { reactor = std::this_thread::get_id(); }}));
  embed::deployment troupe{app.system, server(directory.path, "  mine: { type: app.own }\n"),
                           added};
  REQUIRE_FALSE(troupe.wait_ready());
  const auto held = app.system.spawn<listener>(troupe.coordinator(), hearing, heard);
  CHECK(troupe.stop().clean);
  REQUIRE(heard.wait());
  CHECK(hearing != reactor);
}
