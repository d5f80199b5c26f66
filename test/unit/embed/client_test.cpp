#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "test/unit/embed/fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using embed::watch;
using test::application;
using test::scratch;
using test::server;

namespace {

/// What happened, in order, told by one thread and waited for by another.
class diary {
public:
  void write(const std::string& line) {
    const std::lock_guard guard{mutex_};
    lines_.push_back(line);
    changed_.notify_all();
  }
  /// All lines, as soon as there are `count`, or fewer after a minute.
  std::vector<std::string> read(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 1min, [&] { return lines_.size() >= count; });
    return lines_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

struct world {
  application app;
  scratch directory;
  embed::deployment troupe{app.system, server(directory.path)};
};

std::string name_of(event_kind kind) {
  switch (kind) {
  case event_kind::node_created:
    return "created ";
  case event_kind::node_deleted:
    return "deleted ";
  case event_kind::node_data_changed:
    return "changed ";
  case event_kind::node_children_changed:
    return "children of ";
  }
  return "? ";
}

}  // namespace

TEST_CASE("embed client: every operation, and what it says when it is refused") {
  world here;
  auto client = embed::client::open(here.troupe);
  REQUIRE(client);
  CHECK(client->session());
  CHECK(client->session_timeout() == 10s);
  CHECK(*client->create("/a", "one") == "/a");
  CHECK(client->create("/a", "").error().message == "create /a: NODEEXISTS");
  CHECK(client->create("/a", "").error().code == error_code::node_exists);
  CHECK(client->create("/a/b-", "", {.sequential = true}).value() == "/a/b-0000000000");
  CHECK(client->set("/a", "two")->version == 1);
  CHECK(client->set("/a", "three", 0).error().code == error_code::bad_version);
  CHECK(client->get("/a")->data.view() == "two");
  CHECK(client->get("/a")->stat.num_children == 1);
  CHECK(client->get("/b").error().message == "get /b: NONODE");
  CHECK(client->exists("/a").value()->version == 1);
  CHECK_FALSE(client->exists("/b").value());
  CHECK(*client->children("/a") == std::vector<std::string>{"b-0000000000"});
  CHECK(client->remove("/a").error().code == error_code::not_empty);
  CHECK(*client->remove("/a/b-0000000000") > zxid{});
  CHECK(*client->sync() > zxid{});
  CHECK(client->remove("/").error().code == error_code::bad_arguments);
}

TEST_CASE("embed client: a multi is done as a whole or not at all") {
  world here;
  auto client = embed::client::open(here.troupe);
  REQUIRE(client);
  const create_op a{"/a", blob{""}, {{permission_all, {"world", "anyone"}}}};
  auto b = a;
  b.path = "/b";
  const auto done = client->multi({a, b});
  REQUIRE(done);
  CHECK(done->at(1).path == "/b");
  const auto refused = client->multi({delete_op{"/a"}, set_data_op{"/none", blob{""}}, b});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::no_node);
  CHECK(refused.error().message == "multi operation 2: NONODE");
  REQUIRE(refused.error().results.size() == 3);
  CHECK(refused.error().results[2].error == error_code::runtime_inconsistency);
  CHECK(*client->exists("/a"));
}

TEST_CASE("embed client: watches call back in order, on a thread where operations work") {
  world here;
  diary lines;
  std::optional<embed::client> watching;
  embed::client_settings how;
  how.on_event = [&](const embed::event& what) {
    lines.write(name_of(what.kind) + what.path);
    if (what.kind != event_kind::node_created) return;
    const auto node = watching->get(what.path, watch::yes);
    lines.write(node ? std::string{node->data.view()} : node.error().message);
  };
  auto opened = embed::client::open(here.troupe, how);
  REQUIRE(opened);
  watching = std::move(opened).value();
  auto writing = embed::client::open(here.troupe);
  REQUIRE_FALSE(*watching->exists("/a", watch::yes));
  REQUIRE(watching->children("/", watch::yes));
  REQUIRE(writing->create("/a", "one"));
  const auto found = lines.read(3);
  // The callback reads while further events come in, but it is not called for them meanwhile.
  CHECK(found == std::vector<std::string>{"created /a", "one", "children of /"});
  REQUIRE(writing->set("/a", "two"));
  CHECK(lines.read(4).back() == "changed /a");
  REQUIRE(watching->add_watch("/", watch_mode::persistent_recursive));
  REQUIRE(writing->set("/a", "three"));
  REQUIRE(writing->remove("/a"));
  CHECK(lines.read(6).back() == "deleted /a");
  REQUIRE(watching->remove_watches("/"));
  REQUIRE(writing->create("/b", ""));
  CHECK(lines.read(6).size() == 6);
}

TEST_CASE("embed client: its session goes with it, or with close, and others see it") {
  world here;
  diary lines;
  embed::client_settings how;
  how.on_event = [&](const embed::event& what) { lines.write(name_of(what.kind) + what.path); };
  auto watching = embed::client::open(here.troupe, how);
  {
    auto gone = embed::client::open(here.troupe);
    REQUIRE(gone->create("/e", "", {.kind = node_kind::ephemeral}));
    REQUIRE(*watching->exists("/e", watch::yes));
  }
  CHECK(lines.read(1).back() == "deleted /e");
  bool lost = false;
  how.on_lost = [&](const std::string&) { lost = true; };
  {
    auto closed = embed::client::open(here.troupe, how);
    REQUIRE(closed->create("/e", "", {.kind = node_kind::ephemeral}));
    REQUIRE(closed->close());
    CHECK_FALSE(*watching->exists("/e"));
    CHECK(closed->create("/e", "").error().code == error_code::session_expired);
  }
  CHECK_FALSE(lost);
}

TEST_CASE("embed client: threads share a client, and each sees its own writes in order") {
  world here;
  auto client = embed::client::open(here.troupe);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      const auto path = "/t" + std::to_string(number);
      if (!client->create(path, "")) ++wrong;
      for (int i = 0; i < 200; ++i) {
        const auto text = std::to_string(i);
        const auto changed = client->set(path, text, i);
        if (!changed || changed->version != i + 1) ++wrong;
        if (client->get(path)->data.view() != text) ++wrong;
      }
    });
  }
  for (auto& one : threads)
    one.join();
  CHECK(wrong == 0);
  CHECK(here.troupe.stop().clean);
}

TEST_CASE("embed client: a stop with operations in flight answers each, or tells") {
  application app;
  const scratch directory;
  std::map<std::string, bool> acknowledged;
  std::mutex mutex;
  for (int round = 0; round < 5; ++round) {
    embed::deployment troupe{app.system, server(directory.path)};
    std::vector<std::thread> threads;
    test::signal busy;
    std::atomic<int> lost = 0;
    std::atomic<int> total = 0;
    for (int number = 0; number < 4; ++number) {
      embed::client_settings how;
      how.on_lost = [&](const std::string&) { ++lost; };
      auto opened = embed::client::open(troupe, how);
      REQUIRE(opened);
      threads.emplace_back([&, number, client = std::move(opened).value()]() mutable {
        while (true) {
          const auto path = "/r" + std::to_string(round) + "-" + std::to_string(number) + "-" +
                            std::to_string(total++);
          const auto done = client.create(path, "");
          const std::lock_guard guard{mutex};
          acknowledged[path] = done.ok();
          if (acknowledged.size() % 100 == 99) busy.set();
          if (!done) return;
        }
      });
    }
    CHECK(busy.wait());
    CHECK(troupe.stop().clean);
    for (auto& one : threads)
      one.join();
    CHECK(lost <= 4);
  }
  embed::deployment troupe{app.system, server(directory.path)};
  auto client = embed::client::open(troupe);
  auto names = *client->children("/");
  for (const auto& [path, done] : acknowledged) {
    if (done) CHECK(std::find(names.begin(), names.end(), path.substr(1)) != names.end());
  }
}

TEST_CASE("embed client: is told when the deployment ends under it") {
  application app;
  const scratch directory;
  diary lines;
  embed::client_settings how;
  how.on_lost = [&](const std::string& reason) { lines.write(reason); };
  embed::deployment troupe{app.system, server(directory.path)};
  auto client = embed::client::open(troupe, how);
  REQUIRE(client);
  CHECK(troupe.stop().clean);
  REQUIRE(lines.read(1).size() == 1);
  CHECK(lines.read(1).front() == "the session is closed");
  CHECK(client->get("/").error().message == "get /: the session is closed");
}

TEST_CASE("embed client: what would wait for itself says so instead") {
  application app;
  const scratch directory;
  std::string open_refused;
  test::signal made, asked;
  std::unique_ptr<embed::deployment> troupe;
  embed::settings added;
  added.on_ready = [&] {
    made.wait();
    open_refused = embed::client::open(*troupe).error().message;
    asked.set();
  };
  troupe = std::make_unique<embed::deployment>(app.system, server(directory.path), added);
  made.set();
  CHECK(asked.wait());
  CHECK(open_refused == "called on the deployment's own thread, which would wait for itself");
}

TEST_CASE("embed client: a callback that throws is logged, and the next comes") {
  world here;
  diary lines;
  embed::client_settings how;
  how.on_event = [&](const embed::event& what) {
    lines.write(what.path);
    throw std::runtime_error{"not today"};
  };
  auto client = embed::client::open(here.troupe, how);
  REQUIRE(client->add_watch("/", watch_mode::persistent_recursive));
  REQUIRE(client->create("/a", ""));
  REQUIRE(client->create("/b", ""));
  CHECK(lines.read(2) == std::vector<std::string>{"/a", "/b"});
}

TEST_CASE("embed client: many clients come and go") {
  world here;
  for (int i = 0; i < 300; ++i) {
    auto client = embed::client::open(here.troupe);
    REQUIRE(client);
    REQUIRE(client->create("/e", "", {.kind = node_kind::ephemeral}));
    REQUIRE(client->close());
  }
  CHECK(here.troupe.stop().clean);
}
