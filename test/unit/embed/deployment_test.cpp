#include <signal.h>

#include <memory>
#include <stdexcept>

#include "test/unit/embed/fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using test::application;
using test::own_type;
using test::scratch;
using test::server;

TEST_CASE("embed: a deployment starts, is used and stops inside an application") {
  application app;
  const scratch directory;
  test::signal ready;
  std::vector<embed::outcome> ends;
  {
    embed::settings added;
    added.on_ready = [&] { ready.set(); };
    added.on_ended = [&](const embed::outcome& how) { ends.push_back(how); };
    embed::deployment troupe{app.system, server(directory.path), std::move(added)};
    const auto problem = troupe.wait_ready();
    INFO((problem ? problem->message : ""));
    REQUIRE_FALSE(problem);
    CHECK(ready.wait());
    auto client = embed::client::open(troupe);
    REQUIRE(client);
    REQUIRE(client->create("/a", "one"));
    CHECK(client->get("/a")->data.view() == "one");

    const auto how = troupe.stop();
    CHECK(how.clean);
    CHECK(how.reason.empty());
    CHECK(troupe.stop().clean);  // harmless
    CHECK_FALSE(troupe.coordinator());
    CHECK(troupe.status().get().empty());
    CHECK_FALSE(client->get("/a"));
  }
  REQUIRE(ends.size() == 1);
  CHECK(ends.front().clean);
}

TEST_CASE("embed: what was written survives, and a directory can be used again at once") {
  application app;
  const scratch directory;
  for (int run = 0; run < 5; ++run) {
    CAPTURE(run);
    embed::deployment troupe{app.system, server(directory.path)};
    auto client = embed::client::open(troupe);
    REQUIRE(client);
    CHECK(client->children("/")->size() == static_cast<std::size_t>(run) + 1);  // and /zookeeper
    REQUIRE(client->create("/run-", "x", {.sequential = true}));
    CHECK(troupe.stop().clean);
  }
}

TEST_CASE("embed: sessions of clients end with the deployment, and do not linger in the next") {
  application app;
  const scratch directory;
  {
    embed::deployment troupe{app.system, server(directory.path)};
    auto client = embed::client::open(troupe);
    REQUIRE(client->create("/leader", "me", {.kind = node_kind::ephemeral}));
    CHECK(troupe.stop().clean);
  }
  embed::deployment troupe{app.system, server(directory.path)};
  auto client = embed::client::open(troupe);
  CHECK_FALSE(*client->exists("/leader"));
}

TEST_CASE("embed: two deployments in one process know nothing of each other") {
  application app;
  const scratch one, two;
  embed::settings shared;
  shared.overrides = {"clients.listen=127.0.0.1:0"};
  const std::string door = "  clients: { type: gateway.zookeeper, listen: \"127.0.0.1:1\" }\n";
  embed::deployment left{app.system, server(one.path, door), shared};
  embed::deployment right{app.system, server(two.path, door), shared};
  auto to_left = embed::client::open(left);
  auto to_right = embed::client::open(right);
  REQUIRE(to_left);
  REQUIRE(to_right);
  REQUIRE(to_left->create("/side", "left"));
  REQUIRE(to_right->create("/side", "right"));
  CHECK(left.stop().clean);
  CHECK(to_right->get("/side")->data.view() == "right");
  CHECK_FALSE(to_left->get("/side"));
  CHECK(right.stop().clean);
}

TEST_CASE("embed: a second deployment on one directory is told so, and the first goes on") {
  application app;
  const scratch directory;
  embed::deployment first{app.system, server(directory.path)};
  REQUIRE_FALSE(first.wait_ready());
  embed::deployment second{app.system, server(directory.path)};
  const auto problem = second.wait_ready();
  REQUIRE(problem);
  CHECK_THAT(problem->message, Catch::Contains("test.yaml: component 'log' (storage.wal): another "
                                               "server uses the data directory"));
  CHECK_FALSE(second.ended().get().clean);
  CHECK(embed::client::open(second).error().message ==
        "no session was opened: the deployment has ended");
  CHECK(embed::client::open(first));
}

TEST_CASE("embed: several reactors") {
  application app;
  const scratch directory;
  embed::settings added;
  added.overrides = {"runtime.reactors=3"};
  embed::deployment troupe{app.system,
                           server(directory.path,
                                  "  second: { type: gateway.local, on: 2 }\n"
                                  "  clients: { type: gateway.zookeeper, listen: \"127.0.0.1:0\", "
                                  "on: 1 }\n"),
                           std::move(added)};
  REQUIRE_FALSE(troupe.wait_ready());
  embed::client_settings how;
  CHECK_THROWS_WITH(embed::client::open(troupe, how),
                    "test.yaml: several components have the role coordinator; name one of local, "
                    "second");
  how.coordinator = "second";
  auto client = embed::client::open(troupe, how);
  REQUIRE(client);
  for (int i = 0; i < 100; ++i)
    REQUIRE(client->create("/n-", "x", {.sequential = true}));
  CHECK(client->children("/")->size() == 101);
  CHECK(troupe.stop().clean);
}

TEST_CASE("embed: every mistake of a description is told at once, and nothing starts") {
  application app;
  const auto bad = embed::yaml::text("troupe: 1\nnode: { id: 1, data_dir: d }\ncomponents:\n"
                                     "  tree: { type: tree.znod }\n"
                                     "  log: { type: storage.wal, segment_bytes: 64 }\n",
                                     "app.yaml");
  CHECK_THROWS_AS(embed::deployment(app.system, bad), embed::invalid_deployment);
  CHECK_THROWS_WITH(embed::deployment(app.system, bad),
                    Catch::Contains("app.yaml:4:") && Catch::Contains("did you mean") &&
                        Catch::Contains("app.yaml:5:") && Catch::Contains("^"));
  CHECK_THROWS_WITH(embed::deployment(app.system, embed::yaml::file("no/such.yaml")),
                    Catch::Contains("no/such.yaml") && Catch::Contains("cannot be opened"));
  embed::settings added;
  added.overrides = {"tree.no_such_option=1"};
  CHECK_THROWS_WITH(embed::deployment(app.system, server("d"), added),
                    Catch::Contains("no_such_option"));
}

TEST_CASE("embed: environment variables come from where the application says") {
  application app;
  const scratch directory;
  embed::settings added;
  added.variables = [&](const std::string& name) {
    return name == "WHERE" ? std::optional{directory.path} : std::nullopt;
  };
  embed::deployment troupe{app.system, server("${WHERE}/below"), added};
  REQUIRE_FALSE(troupe.wait_ready());
  CHECK(std::filesystem::exists(directory.path + "/below/identity"));
}

TEST_CASE("embed: a coordinator that is not there is named") {
  application app;
  embed::deployment troupe{app.system,
                           embed::yaml::text("troupe: 1\nnode: { id: 1, data_dir: d }\n"
                                             "components: { log: { type: storage.memory } }\n")};
  CHECK_THROWS_WITH(troupe.coordinator(), "embedded: no component has the role coordinator; add "
                                          "one of type gateway.local");
  const scratch directory;
  embed::deployment other{app.system, server(directory.path)};
  CHECK_THROWS_WITH(other.coordinator("locl"),
                    "test.yaml: no coordinator is called 'locl'; there is local");
}

TEST_CASE("embed: components of the application's own are part of a deployment") {
  application app;
  const scratch directory;
  embed::settings added;
  added.types.add(own_type("app.own", {}));
  embed::deployment troupe{app.system, server(directory.path, "  mine: { type: app.own }\n"),
                           std::move(added)};
  REQUIRE_FALSE(troupe.wait_ready());
  const auto status = troupe.status().get();
  REQUIRE(status.size() == 6);
  CHECK(status.back().name == "mine");
  CHECK(status.back().type == "app.own");
  CHECK(status.back().ready);
  CHECK(status.back().facts.front() == std::pair<std::string, std::string>{"own_fact", "yes"});
}

TEST_CASE("embed: nobody waits for a dispensable component that cannot be made") {
  application app;
  const scratch directory;
  embed::settings added;
  auto type = own_type("app.own", {.on_make = [] { throw std::runtime_error{"no screws"}; }});
  type.on_failure = sdk::failure_policy::dispensable;
  added.types.add(std::move(type));
  embed::deployment troupe{app.system, server(directory.path, "  mine: { type: app.own }\n"),
                           std::move(added)};
  REQUIRE_FALSE(troupe.wait_ready());
  test::signal found;
  std::thread user{[&] {
    if (troupe.coordinator() && embed::client::open(troupe)) found.set();
  }};
  CHECK(found.wait());
  CHECK(troupe.stop().clean);
  user.join();
}

TEST_CASE("embed: a component that fails ends the deployment, never the process") {
  application app;
  const scratch directory;
  embed::settings added;
  test::signal ended;
  embed::outcome how;
  added.on_ended = [&](const embed::outcome& what) {
    how = what;
    ended.set();
  };
  const auto with = [&](test::behaviour what) {
    added.types.add(own_type("app.own", std::move(what)));
    return embed::deployment{app.system, server(directory.path, "  mine: { type: app.own }\n"),
                             added};
  };
  SECTION("when it starts") {
    const auto troupe = with({.on_start = [] { throw std::runtime_error{"no battery"}; }});
    const auto problem = troupe.wait_ready();
    REQUIRE(problem);
    CHECK(problem->message == "test.yaml: component 'mine' (app.own): unexpected exception in a "
                              "handler: no battery");
    REQUIRE(ended.wait());
    CHECK("test.yaml: " + how.reason == problem->message);
  }
  SECTION("when it is made") {
    const auto troupe = with({.on_make = [] { throw std::runtime_error{"no screws"}; }});
    const auto problem = troupe.wait_ready();
    REQUIRE(problem);
    CHECK(problem->message == "test.yaml: component 'mine' (app.own): cannot be made: no screws");
    REQUIRE(ended.wait());
  }
  SECTION("when it stops") {
    auto troupe = with({.on_stop = [] { throw std::runtime_error{"stays"}; }});
    REQUIRE_FALSE(troupe.wait_ready());
    CHECK_THAT(troupe.stop().reason, Catch::Contains("component 'mine' (app.own)"));
    REQUIRE(ended.wait());
  }
  CHECK_FALSE(how.clean);
  CHECK_FALSE(how.stuck);
}

TEST_CASE("embed: a deployment may be destroyed in its own callbacks") {
  application app;
  const scratch directory;
  test::signal gone;
  std::unique_ptr<embed::deployment> troupe;
  embed::settings added;
  SECTION("when it has failed") {
    test::signal made;
    added.types.add(own_type("app.own", {.on_start = [] { throw std::runtime_error{"no"}; }}));
    added.on_ended = [&](const embed::outcome&) {
      made.wait();
      troupe.reset();
      gone.set();
    };
    troupe = std::make_unique<embed::deployment>(
        app.system, server(directory.path, "  mine: { type: app.own }\n"), added);
    made.set();
    CHECK(gone.wait());
  }
  SECTION("when it is ready it may only be asked to stop") {
    std::string refusal;
    test::signal made;
    added.on_ready = [&] {
      made.wait();
      try {
        troupe->stop();
      } catch (const std::logic_error& problem) {
        refusal = problem.what();
      }
      gone.set();
    };
    troupe = std::make_unique<embed::deployment>(app.system, server(directory.path), added);
    made.set();
    CHECK(gone.wait());
    CHECK(troupe->ended().get().clean);
    CHECK_THAT(refusal, Catch::Contains("call request_stop() there"));
  }
}

TEST_CASE("embed: a stuck component is told as an outcome, and nothing exits") {
  application app;
  const scratch directory;
  test::signal release;
  embed::settings added;
  added.types.add(own_type("app.own", {.on_stop = [&] { release.wait(); }}));
  embed::deployment troupe{app.system, server(directory.path, "  mine: { type: app.own }\n"),
                           added};
  REQUIRE_FALSE(troupe.wait_ready());
  const auto how = troupe.stop(1ms);
  CHECK_FALSE(how.clean);
  CHECK(how.stuck);
  CHECK(how.reason ==
        "the deployment did not stop within 1 ms; something blocks one of its threads");
  release.set();
  CHECK(troupe.stop().clean);
}

TEST_CASE("embed: an actor system that is destroyed first waits for the deployment") {
  const scratch directory;
  auto app = std::make_unique<application>();
  embed::deployment troupe{app->system, server(directory.path)};
  auto client = embed::client::open(troupe);
  REQUIRE(client);
  app.reset();
  CHECK(troupe.ended().wait_for(0s) == std::future_status::ready);
  CHECK(troupe.ended().get().clean);
  CHECK_FALSE(client->create("/a", ""));
}

TEST_CASE("embed: an application that waits for its actors does not wait for the deployment") {
  application app;
  const scratch directory;
  embed::deployment troupe{app.system, server(directory.path)};
  REQUIRE_FALSE(troupe.wait_ready());
  app.system.await_all_actors_done();
  CHECK(embed::client::open(troupe));
}

TEST_CASE("embed: the process's signals stay the application's") {
  const auto disposition = [](int number) {
    struct sigaction found {};
    REQUIRE(::sigaction(number, nullptr, &found) == 0);
    return found.sa_handler;
  };
  std::vector<decltype(disposition(1))> before;
  for (int number = 1; number < 32; ++number)
    before.push_back(disposition(number));
  sigset_t mask_before, mask_after;
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &mask_before) == 0);
  {
    application app;
    const scratch directory;
    embed::settings added;
    added.overrides = {"runtime.reactors=2"};
    embed::deployment troupe{app.system, server(directory.path), added};
    REQUIRE_FALSE(troupe.wait_ready());
  }
  for (int number = 1; number < 32; ++number) {
    CAPTURE(number);
    CHECK(disposition(number) == before[static_cast<std::size_t>(number - 1)]);
  }
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &mask_after) == 0);
  for (int number = 1; number < 32; ++number)
    CHECK(::sigismember(&mask_before, number) == ::sigismember(&mask_after, number));
}
