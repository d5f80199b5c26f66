#include <catch2/catch.hpp>

#include <kj/async-io.h>

#include "actors/peer/codec/frames.hpp"
#include "test/unit/peer/players.hpp"

using namespace troupe;
using test::channel;
using test::peer_world;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using Catch::Matchers::Contains;

namespace {

texts numbered(const std::string& what, int from, int to) {
  texts all;
  for (int i = from; i < to; ++i)
    all.push_back(what + std::to_string(i));
  return all;
}

/// Somebody who knows a port, and sends bytes to it.
struct stranger {
  stranger(peer_world& world, const std::string& host, std::string what) : bytes(std::move(what)) {
    talking = world.world.network()
                  .connect("elsewhere", host, 2888)
                  .then([this](kj::Own<kj::AsyncIoStream>&& made) {
                    stream = kj::mv(made);
                    return stream->write(bytes.data(), bytes.size());
                  })
                  .then([this] { return read(); })
                  .eagerlyEvaluate([this](kj::Exception&&) { closed = true; });
  }
  kj::Promise<void> read() {
    return stream->tryRead(buffer, 1, sizeof buffer).then([this](std::size_t size) {
      if (size == 0) {
        closed = true;
        return kj::Promise<void>{kj::READY_NOW};
      }
      heard.append(buffer, size);
      return read();
    });
  }

  const std::string bytes;
  char buffer[256];
  std::string heard;
  bool closed = false;
  kj::Own<kj::AsyncIoStream> stream;
  kj::Promise<void> talking = nullptr;
};

}  // namespace

TEST_CASE("peers: links of both channels come up, and each client hears of the members first") {
  peer_world all{1};
  for (const std::uint32_t id : {1, 2, 3})
    all.start(id, "secret: s");
  REQUIRE(all.link_all({1, 2, 3}, 1s));
  const auto& told = all.books[2].election().memberships;
  REQUIRE(told.size() == 1);
  CHECK(told[0].self == server_id{2});
  CHECK(told[0].voters.voters() == std::vector{server_id{1}, server_id{2}, server_id{3}});
  CHECK(told[0].observers.empty());
  CHECK(all.mistakes().empty());
}

TEST_CASE("peers: messages arrive in order, each once, on their channel, with any timing") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    peer_world all{seed};
    for (const std::uint32_t id : {1, 2, 3})
      all.start(id);
    REQUIRE(all.link_all({1, 2, 3}));
    auto& random = all.world.random();
    int sent = 0;
    while (sent < 500) {
      const int some = static_cast<int>(1 + random.below(40));
      all.send(1, 2, channel::broadcast, numbered("b", sent, sent + some));
      all.send(2, 1, channel::broadcast, numbered("c", sent, sent + some));
      all.send(3, 1, channel::election, numbered("e", sent, sent + some));
      sent += some;
      if (random.chance(1, 2)) all.world.run_for(nanoseconds{random.below(2'000'000)});
    }
    all.world.run_for(100ms);
    CHECK(all.books[2].broadcast().got[1] == numbered("b", 0, sent));
    CHECK(all.books[1].broadcast().got[2] == numbered("c", 0, sent));
    CHECK(all.books[1].election().got[3] == numbered("e", 0, sent));
    CHECK(all.books[1].broadcast().got[3].empty());
    CHECK(all.mistakes().empty());
  }
}

TEST_CASE(
    "peers: whatever breaks, what arrived on a link is the beginning of what was sent on it") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    peer_world all{seed};
    for (const std::uint32_t id : {1, 2})
      all.start(id);
    REQUIRE(all.link_all({1, 2}));
    std::map<std::uint64_t, texts> by_link;
    auto& sender = all.books[1].broadcast();
    auto& random = all.world.random();
    for (int i = 0; i < 200; ++i) {
      const auto link = sender.links.find(2);
      if (link != sender.links.end()) {
        const auto name = std::to_string(sender.numbers.size()) + "/";
        auto& sent = by_link[sender.numbers.size()];
        const auto from = static_cast<int>(sent.size());
        const auto more = numbered(name, from, from + static_cast<int>(1 + random.below(30)));
        all.send(1, 2, channel::broadcast, more);
        sent.insert(sent.end(), more.begin(), more.end());
      }
      if (random.chance(1, 10)) all.world.network().break_one();
      all.world.run_for(nanoseconds{random.below(3'000'000)});
    }
    std::map<std::uint64_t, texts> arrived;
    for (const auto& one : all.books[2].broadcast().got[1])
      arrived[std::stoull(one)].push_back(one);
    CHECK(sender.numbers.size() > 3);
    for (auto& [number, messages] : arrived) {
      INFO("link " << number);
      auto& sent = by_link[number];
      REQUIRE(messages.size() <= sent.size());
      sent.resize(messages.size());
      CHECK(messages == sent);
    }
    CHECK(all.mistakes().empty());
  }
}

TEST_CASE("peers: what is sent on a link that is gone is dropped") {
  peer_world all{3};
  for (const std::uint32_t id : {1, 2})
    all.start(id);
  REQUIRE(all.link_all({1, 2}));
  all.books[1].broadcast().links[2] += 1000;
  all.send(1, 2, channel::broadcast, {"lost"});
  all.send(1, 3, channel::broadcast, {"to nobody"});
  all.world.run_for(100ms);
  CHECK(all.books[2].broadcast().got[1].empty());
}

TEST_CASE("peers: a server that crashes is down at once, and its next start has other links") {
  peer_world all{4};
  for (const std::uint32_t id : {1, 2, 3})
    all.start(id);
  REQUIRE(all.link_all({1, 2, 3}));
  const auto before = all.books[1].broadcast().links[2];
  all.crash(2);
  CHECK(all.world.run_until(
      [&] {
        return !all.books[1].broadcast().links.contains(2) &&
               !all.books[3].election().links.contains(2);
      },
      50ms));
  CHECK(all.all_linked({1, 3}));
  all.start(2);
  REQUIRE(all.link_all({1, 2, 3}, 1s));
  CHECK(all.books[1].broadcast().links[2] != before);
  CHECK(all.mistakes().empty());
}

TEST_CASE("peers: a server that is not heard any more is down within the silence, and comes back") {
  peer_world all{5};
  for (const std::uint32_t id : {1, 2, 3})
    all.start(id, "keep_alive: 20ms, silence: 200ms");
  REQUIRE(all.link_all({1, 2, 3}));
  all.world.run_for(2s);
  REQUIRE(all.all_linked({1, 2, 3}));
  CHECK(all.books[1].broadcast().numbers.size() == 2);
  const bool both_ways = GENERATE(true, false);
  if (both_ways) {
    all.world.network().part("host1", "host2");
  } else {
    all.world.network().cut("host2", "host1");
  }
  all.world.run_for(150ms);
  CHECK(all.books[1].broadcast().links.contains(2));
  all.world.run_for(100ms);
  CHECK_FALSE(all.books[1].broadcast().links.contains(2));
  CHECK_FALSE(all.books[1].election().links.contains(2));
  // With one way cut, server 2 hears nothing of the link's end for as long.
  all.world.run_for(200ms);
  CHECK_FALSE(all.books[2].broadcast().links.contains(1));
  CHECK(all.all_linked({1, 3}));
  all.world.run_for(3s);
  CHECK_FALSE(all.books[1].broadcast().links.contains(2));
  all.world.network().heal("host1", "host2");
  CHECK(all.link_all({1, 2, 3}, 1s));
  CHECK(all.mistakes().empty());
}

TEST_CASE("peers: another secret keeps a server out, and only that one") {
  peer_world all{6};
  all.start(1, "secret: s");
  all.start(2, "secret: s");
  all.start(3, "secret: t");
  REQUIRE(all.link_all({1, 2}));
  all.world.run_for(5s);
  CHECK(all.all_linked({1, 2}));
  CHECK(all.books[3].election().events.empty());
  CHECK(all.books[1].election().events == texts{"up 2"});
}

TEST_CASE("peers: a secret from a file is the same secret") {
  peer_world all{7};
  all.machine("host1").disk().put("the_secret", "from a file\n");
  all.start(1, "secret_file: the_secret");
  all.start(2, "secret: \"from a file\"");
  CHECK(all.link_all({1, 2}));
}

TEST_CASE("peers: a secret file that cannot be read stops the server with the file's name") {
  peer_world all{8};
  SECTION("missing") {
    all.start(1, "secret_file: nowhere");
    all.world.run_for(1s);
    CHECK_THAT(all.machine("host1").failure(), Contains("nowhere") && Contains("secret_file"));
  }
  SECTION("empty") {
    all.machine("host1").disk().put("the_secret", "\n");
    all.start(1, "secret_file: the_secret");
    all.world.run_for(1s);
    CHECK_THAT(all.machine("host1").failure(), Contains("the_secret") && Contains("it is empty"));
  }
}

TEST_CASE("peers: an address that is another server's gives no link") {
  peer_world all{9};
  all.members = "{ 1: \"host2:2888\", 2: \"host1:2888\", 3: \"host3:2888\" }";
  for (const std::uint32_t id : {1, 2, 3})
    all.start(id);
  all.world.run_for(3s);
  // 3 dials where it believes 1 and 2 to be, and 2 dials itself.
  for (const std::uint32_t id : {1, 2, 3}) {
    CHECK(all.books[id].election().events.empty());
    CHECK(all.machine("host" + std::to_string(id)).ready());
  }
}

TEST_CASE("peers: the second of two servers with one id takes over, the first is kept out") {
  peer_world all{10};
  all.members = "{ 1: \"host1:2888\", 2: \"host2:2888\" }";
  all.start(1);
  all.start(2);
  REQUIRE(all.link_all({1, 2}));
  const auto first = all.books[1].broadcast().links[2];
  auto twin = std::move(all.books[2]);
  all.start(2, "", "twin");
  REQUIRE(all.world.run_until(
      [&] {
        const auto& links = all.books[1].broadcast().links;
        return links.contains(2) && links.at(2) != first;
      },
      3s));
  const auto links = all.books[1].broadcast().numbers.size();
  all.world.run_for(5s);
  CHECK(all.books[1].broadcast().numbers.size() <= links + 1);
  CHECK(all.books[1].broadcast().links.contains(2));
}

TEST_CASE("peers: strangers are closed, and nobody else notices") {
  peer_world all{11};
  for (const std::uint32_t id : {1, 2})
    all.start(id);
  REQUIRE(all.link_all({1, 2}));
  prng random{7};
  std::vector<std::unique_ptr<stranger>> strangers;
  for (int i = 0; i < 300; ++i) {
    std::string bytes;
    if (random.chance(1, 2)) bytes = peer::stream_magic;
    for (auto size = random.below(100); size > 0; --size)
      bytes.push_back(static_cast<char>(random()));
    strangers.push_back(std::make_unique<stranger>(all, "host1", bytes));
    all.send(1, 2, channel::broadcast, numbered("m", i, i + 1));
    all.world.run_for(1ms);
  }
  strangers.push_back(std::make_unique<stranger>(all, "host1", ""));  // says nothing at all
  all.world.run_for(5s);
  for (const auto& one : strangers)
    CHECK(one->closed);
  CHECK(all.books[2].broadcast().got[1] == numbered("m", 0, 300));
  CHECK(all.books[1].broadcast().events == texts{"up 2"});
  CHECK(all.machine("host1").ready());
}

TEST_CASE("peers: a crowd that never greets makes room for those who do") {
  peer_world all{18};
  all.start(1, "silence: 60s");
  REQUIRE(all.world.run_until([&] { return all.machine("host1").ready(); }, 1s));
  std::vector<std::unique_ptr<stranger>> crowd;
  for (int i = 0; i < 400; ++i) {
    crowd.push_back(std::make_unique<stranger>(all, "host1", ""));
    all.world.run_for(1ms);
  }
  const auto closed = [&](std::size_t from, std::size_t to) {
    std::size_t count = 0;
    for (auto i = from; i < to; ++i)
      count += crowd[i]->closed ? 1 : 0;
    return count;
  };
  CHECK(closed(0, 140) == 140);  // 256 may greet at a time
  CHECK(closed(150, 400) == 0);
  all.start(2);
  CHECK(all.link_all({1, 2}, 1s));
}

TEST_CASE("peers: a link whose other end takes nothing is cut at max_unsent_bytes") {
  peer_world all{12};
  for (const std::uint32_t id : {1, 2})
    all.start(id, "max_frame_bytes: 64KiB, max_unsent_bytes: 1MiB, silence: 60s");
  REQUIRE(all.link_all({1, 2}));
  all.world.network().cut("host1", "host2");
  int sent = 0;
  for (; sent < 200 && all.books[1].broadcast().links.contains(2); ++sent) {
    all.send(1, 2, channel::broadcast, {std::string(60'000, 'x')});
    all.world.run_for(1ms);
  }
  CHECK(sent < 40);
  CHECK(sent > 15);
  CHECK_THAT(all.books[1].broadcast().events.back(), Contains("max_unsent_bytes is 1048576"));
  CHECK(all.books[1].election().links.contains(2));
}

TEST_CASE("peers: a client that takes nothing is not given more, until it does") {
  peer_world all{13};
  for (const std::uint32_t id : {1, 2})
    all.start(id, "max_frame_bytes: 64KiB, max_untaken_bytes: 256KiB, silence: 1s");
  REQUIRE(all.link_all({1, 2}));
  all.books[2].holds = true;
  const std::string large(30'000, 'x');
  for (int i = 0; i < 100; ++i)
    all.send(1, 2, channel::broadcast, {large});
  all.world.run_for(5s);
  auto& heard = all.books[2].broadcast();
  const auto first = heard.got[1].size();
  CHECK(first >= 9);
  CHECK(first <= 14);
  CHECK(all.all_linked({1, 2}));  // a server that does not want to read calls nobody silent
  all.send(1, 2, channel::election, {"quick"});
  all.world.run_for(50ms);
  CHECK(all.books[2].election().got[1] == texts{"quick"});
  all.books[2].holds = false;
  heard.held.clear();
  all.world.run_for(1s);
  CHECK(heard.got[1].size() == 100);
  CHECK(all.mistakes().empty());
}

TEST_CASE("peers: a name that gets another address is found there") {
  peer_world all{14};
  all.members = "{ 1: \"one:2888\", 2: \"two:2888\" }";
  all.world.network().rename("one", "host1");
  all.start(1);
  all.start(2);
  REQUIRE(all.link_all({1, 2}));
  all.crash(1);
  all.world.run_for(2s);
  all.start(1, "", "elsewhere1");
  all.world.run_for(2s);
  CHECK_FALSE(all.all_linked({1, 2}));
  all.world.network().rename("one", "elsewhere1");
  CHECK(all.link_all({1, 2}, 2s));
}

TEST_CASE("peers: a client that attaches anew gets the members and links of its own") {
  peer_world all{15};
  for (const std::uint32_t id : {1, 2})
    all.start(id);
  REQUIRE(all.link_all({1, 2}));
  const auto election = all.books[2].election().links[1];
  handle<test::attach_again>{all.books[1].player}.send(test::attach_again{channel::broadcast});
  all.world.run_for(1s);
  CHECK(all.all_linked({1, 2}));
  CHECK(all.books[1].broadcast().memberships.size() == 2);
  CHECK(all.books[2].broadcast().numbers.size() == 2);
  CHECK(all.books[2].election().links[1] == election);
  CHECK(all.mistakes().empty());
}

TEST_CASE("peers: one that stops says goodbye, and what it sent before arrives") {
  peer_world all{16};
  for (const std::uint32_t id : {1, 2})
    all.start(id);
  REQUIRE(all.link_all({1, 2}));
  all.send(1, 2, channel::broadcast, {std::string(400'000, 'x'), "last"});
  all.world.run_for(1us);
  all.machine("host1").stop();
  CHECK(all.world.run_until([&] { return !all.machine("host1").running(); }, 2s));
  CHECK(all.machine("host1").failure().empty());
  all.world.run_for(100ms);
  REQUIRE(all.books[2].broadcast().got[1].size() == 2);
  CHECK(all.books[2].broadcast().got[1].back() == "last");
  CHECK(all.books[2].broadcast().links.empty());
}

TEST_CASE("peers: members of many kinds make the quorums that the options say") {
  peer_world all{17};
  all.members = "{ 1: \"a:1\", 2: \"b:1\", 3: \"c:1\", 4: \"d:1\", 5: \"e:1\", 6: \"f:1\" }";
  std::string options;
  std::vector<std::uint32_t> enough, too_few;
  SECTION("observers") {
    options = "observers: [6, 5, 4]";
    enough = {1, 3};
    too_few = {1, 4, 5, 6};
  }
  SECTION("weights") {
    options = "weights: { 1: 6 }";
    enough = {1};
    too_few = {2, 3, 4, 5, 6};
  }
  SECTION("groups") {
    options = "groups: [[1, 2, 3], [4, 5], [6]]";
    enough = {1, 2, 6};
    too_few = {1, 2, 3, 4};
  }
  all.start(1, options);
  all.world.run_for(10ms);
  REQUIRE(all.books[1].election().memberships.size() == 1);
  const auto& told = all.books[1].election().memberships[0];
  const auto ids = [](const std::vector<std::uint32_t>& numbers) {
    std::vector<server_id> servers;
    for (const auto one : numbers)
      servers.push_back(server_id{one});
    return servers;
  };
  CHECK(told.voters.is_quorum(ids(enough)));
  CHECK_FALSE(told.voters.is_quorum(ids(too_few)));
  if (options.starts_with("observers")) CHECK(told.observers == ids({4, 5, 6}));
}
