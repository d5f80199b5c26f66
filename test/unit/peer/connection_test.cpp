#include <catch2/catch.hpp>

#include "test/unit/peer/connection_pair.hpp"

using namespace troupe;
using test::blobs;
using test::carry;
using test::link_end;
using test::talk;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using Catch::Matchers::Contains;

namespace {

/// Server 3 dials server 1, which accepts.
struct pair_of_ends {
  void begin() {
    dialer.dial(1);
    acceptor.accept();
  }
  void greet() {
    begin();
    talk(dialer, acceptor);
  }
  link_end dialer{3}, acceptor{1};
};

}  // namespace

TEST_CASE("peer link: both ends are sure of each other, then messages arrive in order") {
  pair_of_ends pair;
  pair.dialer.own.secret = pair.acceptor.own.secret = GENERATE("", "the secret");
  pair.greet();
  REQUIRE(pair.dialer.is_up());
  REQUIRE(pair.acceptor.is_up());
  CHECK(pair.dialer->server() == server_id{1});
  CHECK(pair.acceptor->server() == server_id{3});
  CHECK(pair.acceptor->on() == peer::channel::broadcast);
  CHECK(pair.acceptor->instance() == 1003);
  CHECK(pair.dialer->instance() == 1001);
  pair.dialer->send(blobs({"one", "", std::string(1000, 'x')}), {});
  pair.acceptor->send(blobs({"back"}), {});
  talk(pair.dialer, pair.acceptor);
  CHECK(pair.acceptor.take() == texts{"one", "", std::string(1000, 'x')});
  CHECK(pair.dialer.take() == texts{"back"});
  CHECK(pair.acceptor.take().empty());
}

TEST_CASE("peer link: messages that arrive together with the end of the greeting are delivered") {
  pair_of_ends pair;
  pair.begin();
  carry(pair.dialer, pair.acceptor);
  carry(pair.acceptor, pair.dialer);
  carry(pair.dialer, pair.acceptor);
  REQUIRE(pair.acceptor.is_up());
  pair.acceptor->send(blobs({"early"}), {});
  CHECK_FALSE(pair.dialer.is_up());
  carry(pair.acceptor, pair.dialer);
  CHECK(pair.dialer.is_up());
  CHECK(pair.dialer.take() == texts{"early"});
}

TEST_CASE("peer link: another secret, or none, is refused at both ends with the reason") {
  pair_of_ends pair;
  pair.dialer.own.secret = "one";
  SECTION("another") {
    pair.acceptor.own.secret = "two";
    pair.greet();
    CHECK(pair.acceptor->why() == "its secret differs from this server's");
    CHECK(pair.dialer->why() == "its secret differs from this server's");
  }
  SECTION("none") {
    pair.greet();
    CHECK(pair.acceptor->why() == "it has a secret, this server has none");
    CHECK(pair.dialer->why() == "it has no secret, this server has one");
  }
  CHECK(pair.acceptor.has_ended());
  CHECK(pair.dialer.has_ended());
  CHECK_FALSE(pair.acceptor->was_up());
  CHECK_FALSE(pair.dialer->was_up());
  REQUIRE(pair.acceptor->refused());
}

TEST_CASE("peer link: who is not who was meant is refused, with both values") {
  pair_of_ends pair;
  std::string at_acceptor, at_dialer;
  SECTION("the address is another server's") {
    pair.begin();
    pair.dialer.dial(2);
    at_acceptor = "it means to reach server 2, this is server 1";
    at_dialer = "it is server 1, which was not meant";
  }
  SECTION("a stranger") {
    pair.acceptor.own.members = {server_id{1}, server_id{2}};
    pair.begin();
    at_acceptor = "it is server 3, and the members are 1, 2";
    at_dialer = "it does not know server 3 as a member; its members differ from 1, 2, 3";
  }
  SECTION("the same id") {
    pair.acceptor.own.self = server_id{3};
    pair.begin();
    at_acceptor = "it has the id 3, as this server has";
    at_dialer = "another server has the id 3 of this one, or the other end has it";
  }
  SECTION("one that was followed by another process of the same id") {
    pair.acceptor.rules.superseded = {1003};
    pair.begin();
    at_acceptor = "two servers have the id 3: this process of it was followed by another one, "
                  "and is still there";
    at_dialer = "another server has the id 3 of this one, or the other end has it";
  }
  talk(pair.dialer, pair.acceptor);
  CHECK(pair.acceptor->why() == at_acceptor);
  CHECK(pair.dialer->why() == at_dialer);
  CHECK_FALSE(pair.acceptor->was_up());
  CHECK_FALSE(pair.dialer->was_up());
}

TEST_CASE("peer link: a server with a smaller id does not dial") {
  link_end dialer{1}, acceptor{3};
  dialer.dial(3);
  acceptor.accept();
  talk(dialer, acceptor);
  CHECK_FALSE(acceptor->was_up());
  CHECK_FALSE(dialer->was_up());
}

TEST_CASE("peer link: no version in common is refused, and both are named") {
  pair_of_ends pair;
  pair.begin();
  auto newer = pair.dialer.hello('d');
  newer.to = server_id{1};
  newer.least_version = 4;
  newer.newest_version = 6;
  std::string stream{peer::stream_magic};
  peer::put_frame(stream, peer::frame_kind::hello, peer::encode(newer));
  pair.acceptor->receive(stream, {});
  CHECK(pair.acceptor->why() ==
        "it speaks versions 4 to 6 of the servers' protocol, this server version 1");
  carry(pair.acceptor, pair.dialer);
  CHECK(pair.dialer->why() ==
        "it speaks version 1 of the servers' protocol, this server version 1");
}

TEST_CASE("peer link: a channel that nobody uses is refused, and that is nothing to warn of") {
  pair_of_ends pair;
  pair.acceptor.rules.used = false;
  pair.greet();
  CHECK_FALSE(pair.dialer->was_up());
  REQUIRE(pair.dialer->refused());
  CHECK_FALSE(pair.dialer->refused()->worth_a_line);
  CHECK_FALSE(pair.acceptor->refused()->worth_a_line);
}

TEST_CASE("peer link: every greeting that is cut or altered is refused") {
  // The bytes of the dialer, and of the acceptor, in one that succeeds.
  std::string said[2];
  {
    pair_of_ends pair;
    pair.dialer.own.secret = pair.acceptor.own.secret = "s";
    pair.begin();
    while (!pair.dialer->output().empty() || !pair.acceptor->output().empty()) {
      said[0] += carry(pair.dialer, pair.acceptor);
      said[1] += carry(pair.acceptor, pair.dialer);
    }
    REQUIRE(pair.dialer.is_up());
    REQUIRE(pair.acceptor.is_up());
  }
  const auto play = [&](std::size_t whose, const std::string& bytes) {
    pair_of_ends pair;
    pair.dialer.own.secret = pair.acceptor.own.secret = "s";
    pair.begin();
    auto& listener = whose == 0 ? pair.acceptor : pair.dialer;
    listener->receive(bytes, {});
    return listener->was_up();
  };
  for (const std::size_t whose : {std::size_t{0}, std::size_t{1}}) {
    REQUIRE(play(whose, said[whose]));
    for (std::size_t size = 0; size < said[whose].size(); ++size)
      REQUIRE_FALSE(play(whose, said[whose].substr(0, size)));
    for (std::size_t at = 0; at < said[whose].size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        auto bad = said[whose];
        bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
        INFO("end " << whose << ", byte " << at << ", bit " << bit);
        REQUIRE_FALSE(play(whose, bad));
      }
    }
  }
}

TEST_CASE("peer link: a greeting that was heard once does not help a second time") {
  pair_of_ends first;
  first.dialer.own.secret = first.acceptor.own.secret = "s";
  first.begin();
  std::string said;
  while (!first.dialer->output().empty() || !first.acceptor->output().empty()) {
    said += carry(first.dialer, first.acceptor);
    carry(first.acceptor, first.dialer);
  }
  REQUIRE(first.acceptor.is_up());
  link_end again{1};
  again.own.secret = "s";
  again.made =
      std::make_unique<peer::connection>(9, again.own, again.rules, again.limits,
                                         peer::side::accepted, again.hello('b'), monotonic_time{});
  again->receive(said, {});
  CHECK_FALSE(again->was_up());
  CHECK(again->why() == "its secret differs from this server's");
}

TEST_CASE("peer link: what does not speak the protocol is closed without an answer") {
  link_end acceptor{1};
  acceptor.accept();
  acceptor->sent(acceptor->output().size());
  acceptor->receive("GET / HTTP/1.1\r\n", {});
  CHECK(acceptor->where() == peer::connection::phase::closed);
  CHECK(acceptor->output().empty());
  CHECK_THAT(acceptor->why(), Contains("does not speak the servers' protocol"));
}

TEST_CASE("peer link: a frame that has no place ends a link, and nothing behind it counts") {
  pair_of_ends pair;
  pair.greet();
  std::string stream;
  peer::put_frame(stream, peer::frame_kind::message, "before");
  SECTION("a greeting") { peer::put_frame(stream, peer::frame_kind::welcome, "x"); }
  SECTION("too long") {
    peer::put_frame(stream, peer::frame_kind::message, std::string(1001, 'x'));
  }
  peer::put_frame(stream, peer::frame_kind::message, "behind");
  pair.acceptor->receive(stream, {});
  CHECK(pair.acceptor->where() == peer::connection::phase::closed);
  CHECK(pair.acceptor.take() == texts{"before"});
}

TEST_CASE("peer link: a message that is too long, or too much unsent, ends the sender's link") {
  pair_of_ends pair;
  pair.greet();
  SECTION("too long") {
    pair.dialer->send(blobs({std::string(1001, 'x')}), {});
    CHECK_THAT(pair.dialer->why(), Contains("max_frame_bytes"));
  }
  SECTION("too much") {
    for (int i = 0; i < 3; ++i)
      pair.dialer->send(blobs({std::string(1000, 'x')}), {});
    REQUIRE(pair.dialer.is_up());
    pair.dialer->send(blobs({std::string(1000, 'x')}), {});
    CHECK_THAT(pair.dialer->why(), Contains("max_unsent_bytes is 4000"));
  }
  CHECK(pair.dialer->where() == peer::connection::phase::closed);
}

TEST_CASE("peer link: signs of life go out when nothing else does, and silence ends a link") {
  pair_of_ends pair;
  pair.greet();
  auto now = monotonic_time{};
  const auto pass = [&](int ticks, bool heard) {
    for (int i = 0; i < ticks; ++i) {
      now = now + 100ms;
      pair.dialer.now = pair.acceptor.now = now;
      pair.dialer->tick(now, true);
      pair.acceptor->tick(now, true);
      if (heard) talk(pair.dialer, pair.acceptor);
    }
  };
  pass(100, true);
  REQUIRE(pair.dialer.is_up());
  REQUIRE(pair.acceptor.is_up());
  pass(9, false);
  CHECK(pair.dialer.is_up());
  pass(2, false);
  CHECK(pair.dialer->why() == "nothing was heard of it for 1000 ms");
  CHECK(pair.acceptor.has_ended());
}

TEST_CASE("peer link: neither an own pause nor input that one does not want counts as silence") {
  pair_of_ends pair;
  pair.greet();
  auto now = monotonic_time{} + 60s;  // the process was stopped
  pair.dialer->tick(now, true);
  CHECK(pair.dialer.is_up());
  for (int i = 0; i < 50; ++i) {
    now = now + 100ms;
    pair.dialer->tick(now, false);
    pair.dialer->sent(pair.dialer->output().size());
  }
  CHECK(pair.dialer.is_up());
  for (int i = 0; i < 11; ++i)
    pair.dialer->tick(now = now + 100ms, true);
  CHECK(pair.dialer.has_ended());
}

TEST_CASE("peer link: a greeting that takes too long ends") {
  link_end acceptor{1};
  acceptor.accept();
  for (int i = 1; i <= 10; ++i) {
    REQUIRE_FALSE(acceptor.has_ended());
    acceptor->receive("", acceptor.now);
    acceptor->tick(monotonic_time{} + i * 100ms, true);
  }
  CHECK_THAT(acceptor->why(), Contains("greeting took longer"));
}
