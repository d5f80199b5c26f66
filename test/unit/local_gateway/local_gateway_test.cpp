// Clients of gateway.local.
#include <catch2/catch.hpp>

#include "test/unit/local_gateway/local_world.hpp"

using namespace troupe;
using namespace troupe::local::test;

TEST_CASE("local gateway: a client opens a session, writes, and reads what it wrote") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word != "opened OK") return;
    lines.create(2, "/a");
    lines.read(3, get_data_op{"/a", false});  // sees the write, although that has no answer yet
    lines.create(4, "/a");
    lines.read(5, get_data_op{"/b", false});
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "read 5 NONODE "));
  CHECK(lines.log == std::vector<std::string>{"attached", "opened OK", "wrote 2 OK",
                                              "read 3 OK data of /a", "wrote 4 NODEEXISTS",
                                              "read 5 NONODE "});
}

TEST_CASE("local gateway: an event comes before the answer that shows the change") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word == "opened OK") lines.read(2, exists_op{"/a", true});
    if (word == "read 2 NONODE ") lines.create(3, "/a");
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "wrote 3 OK"));
  CHECK(lines.log[3] == "event /a");
  CHECK(lines.log[4] == "wrote 3 OK");
}

TEST_CASE("local gateway: sessions of living clients do not expire") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word == "opened OK") lines.create(2, "/e", node_kind::ephemeral);
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "wrote 2 OK"));
  world.world.run_for(60s);
  lines.read(3, get_data_op{"/e", false});
  CHECK(world.until(lines, "read 3 OK data of /e"));
  CHECK_FALSE(lines.heard("ended expired"));
}

TEST_CASE("local gateway: a session that is closed takes its nodes with it, and its client hears") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word == "opened OK") lines.create(2, "/e", node_kind::ephemeral);
    if (word == "wrote 2 OK") lines.write(3, close_session_op{});
    if (word == "wrote 3 OK") lines.read(4, get_data_op{"/e", false});
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "read 4 NONODE "));
  CHECK(lines.heard("ended client"));
}

TEST_CASE("local gateway: above the limit a request is answered, as throttled") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word != "opened OK") return;
    for (std::uint64_t token = 2; token < 7; ++token)
      lines.read(token, exists_op{"/", false});
  };
  local_world world{{&lines}, ", max_waiting: 3"};
  REQUIRE(world.until(lines, "read 4 OK "));
  const auto throttled = std::count_if(lines.log.begin(), lines.log.end(), [](const auto& word) {
    return word.find(to_string(error_code::throttled)) != std::string::npos;
  });
  CHECK(throttled == 2);
}

TEST_CASE("local gateway: the server stops cleanly with clients at work") {
  script lines;
  std::uint64_t token = 10;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word == "opened OK" || word.starts_with("wrote")) {
      ++token;
      lines.create(token, "/n" + std::to_string(token));
    }
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "wrote 30 OK"));
  world.server.stop();
  CHECK(world.world.run_until([&] { return !world.server.running(); }, 60s));
  CHECK(world.server.failure().empty());
}

TEST_CASE("local gateway: requests that come before the server serves wait for it, in order") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word != "attached") return;
    lines.create(1, "/early");
    lines.read(2, get_data_op{"/early", false});
  };
  local_world world{{&lines}};
  REQUIRE(world.until(lines, "read 2 OK data of /early"));
  CHECK(lines.log ==
        std::vector<std::string>{"attached", "wrote 1 OK", "read 2 OK data of /early"});
  world.server.stop();
  CHECK(world.world.run_until([&] { return !world.server.running(); }, 1s));
  CHECK(world.server.failure().empty());
}

TEST_CASE("a server that is told to stop at any moment of its start stops cleanly") {
  script lines;
  for (int moment = 0; moment < 60; ++moment) {
    CAPTURE(moment);
    local_world world{{&lines}, "", "storage.wal, first_segment_bytes: 4KiB"};
    int looked = 0;
    world.world.run_until([&] { return looked++ == moment; }, 60s);
    world.server.stop();
    CHECK(world.world.run_until([&] { return !world.server.running(); }, 1s));
    CHECK(world.server.failure().empty());
  }
}

TEST_CASE("a snapshot that is wanted before the tree has anything new is written later") {
  script lines;
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.create(1, "/a");
    if (word == "wrote 1 OK") lines.create(2, "/b");
  };
  // Wanted as soon as one transaction is logged, when it is not applied yet.
  local_world world{{&lines}, "", "storage.wal, snapshot_transactions: 2"};
  REQUIRE(world.until(lines, "wrote 2 OK"));
  CHECK(world.world.run_until(
      [&] { return world.server.disk().dump().find(".snapshot ") != std::string::npos; }, 60s));
}

TEST_CASE("local gateway: a full disk refuses writes in order, and reads go on") {
  script lines;
  bool full = false;
  std::uint64_t token = 10;
  const auto create_next = [&] {
    ++token;
    lines.create(token, "/n" + std::to_string(token));
  };
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word == "opened OK") lines.create(2, "/a");
    // Several in flight, so that some are on their way to the log when the space runs out.
    if (word == "wrote 2 OK") {
      for (int i = 0; i < 8; ++i)
        create_next();
    }
    if (!full && word.starts_with("wrote") && word.ends_with("OK") && token < 2000) create_next();
  };
  local_world world{{&lines},
                    "",
                    "storage.wal, first_segment_bytes: 4KiB, segment_bytes: 8KiB, "
                    "space_retry: 100ms"};
  REQUIRE(world.until(lines, "wrote 2 OK"));
  world.server.disk().set_capacity(world.server.disk().used_bytes() + 4096);
  const auto refused = [&] {
    return std::any_of(lines.log.begin(), lines.log.end(), [](const std::string& word) {
      return word.starts_with("wrote") && word.ends_with("NOTREADONLY");
    });
  };
  REQUIRE(world.world.run_until(refused, 60s));
  full = true;
  lines.read(1, get_data_op{"/a", false});
  REQUIRE(world.until(lines, "read 1 OK data of /a"));
  // Every write was answered, in the order in which they were asked for.
  std::vector<std::uint64_t> answered;
  for (const auto& word : lines.log) {
    if (word.starts_with("wrote")) answered.push_back(std::stoull(word.substr(6)));
  }
  CHECK(std::is_sorted(answered.begin(), answered.end()));
  CHECK(answered.back() == token);

  world.server.disk().set_capacity(1 << 30);
  world.world.run_for(1s);
  lines.create(5000, "/after");
  REQUIRE(world.until(lines, "wrote 5000 OK"));

  // What was refused is not there, and what was acknowledged survives a power cut.
  const auto log = lines.log;
  world.server.crash();
  lines = script{};
  lines.then = [&](const std::string& word) {
    if (word == "attached") lines.gateway.send(coordinator::open{lines.client, 1, 3s});
    if (word != "opened OK") return;
    for (std::uint64_t i = 11; i <= token; ++i) {
      lines.read(i, get_data_op{"/n" + std::to_string(i), false});
    }
  };
  world.server.start(world.plan);
  const auto last = [&] {
    return std::any_of(lines.log.begin(), lines.log.end(), [&](const std::string& word) {
      return word.starts_with("read " + std::to_string(token) + " ");
    });
  };
  REQUIRE(world.world.run_until(last, 60s));
  for (std::uint64_t i = 11; i <= token; ++i) {
    const auto was = [&](const std::string& outcome) {
      return std::find(log.begin(), log.end(), "wrote " + std::to_string(i) + " " + outcome) !=
             log.end();
    };
    INFO(i);
    CHECK(was("OK") ==
          lines.heard("read " + std::to_string(i) + " OK data of /n" + std::to_string(i)));
    CHECK(was("NOTREADONLY") == lines.heard("read " + std::to_string(i) + " NONODE "));
  }
}
