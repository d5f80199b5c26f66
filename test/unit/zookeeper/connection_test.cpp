#include <catch2/catch.hpp>

#include "test/unit/zookeeper/connection_fixture.hpp"

namespace troupe::zk {
namespace {

using namespace test;
using fixture = connection_fixture;
using phase = connection::phase;

TEST_CASE_METHOD(fixture, "requests behind the connect request wait for its answer") {
  send(connect_bytes() + read_request(1, opcode::exists, "/"));
  CHECK(host.connects.size() == 1);
  CHECK(host.reads.empty());
  CHECK_FALSE(it.wants_input());
  it.connected(session_id{7}, milliseconds{4000}, std::string(password_bytes, 's'), now);
  CHECK(host.reads.size() == 1);
  CHECK(it.wants_input());
  CHECK(frames_of(take()).front().size() == 37);
}

TEST_CASE_METHOD(fixture, "an expired session is told so, and the connection closes") {
  send(connect_bytes(5, 0, 1000, false));
  it.expired();
  std::string refusal(36, '\0');
  refusal[19] = '\x10';
  CHECK(frames_of(take()).front() == refusal);
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "a first packet that is no connect request closes without an answer") {
  send(framed("nonsense"));
  CHECK(it.state() == phase::closing);
  CHECK_FALSE(it.has_output());
}

TEST_CASE_METHOD(fixture, "a read behind an unfinished write names it, later ones do not") {
  establish();
  send(set_data_request(1, "/a") + read_request(2, opcode::get_data, "/a"));
  CHECK(host.reads.at(0).after == host.writes.at(0).sequence);
  send(set_data_request(3, "/a"));
  reply_write(0);
  send(read_request(4, opcode::get_data, "/a"));
  CHECK(host.reads.at(1).after == host.writes.at(1).sequence);
  reply_read(0);
  reply_write(1);
  send(read_request(5, opcode::get_data, "/a"));
  CHECK(host.reads.at(2).after == 0);
}

TEST_CASE_METHOD(fixture, "replies made here leave in request order, with those of the tree") {
  establish();
  send(set_data_request(1, "/a") + auth_request_bytes(-4, "digest", "u:p") +
       read_request(3, opcode::exists, "/a"));
  CHECK_FALSE(it.has_output());
  reply_write(0);
  CHECK(xids_of(take()) == std::vector<std::int32_t>{1, -4});
  reply_read(0);
  CHECK(xids_of(take()) == std::vector<std::int32_t>{3});
}

TEST_CASE_METHOD(fixture, "identities are those of the place in the stream") {
  establish();
  send(read_request(1, opcode::exists, "/a") + auth_request_bytes(-4, "digest", "u:p") +
       read_request(2, opcode::exists, "/a"));
  CHECK(host.reads.at(0).who->size() == 1);
  CHECK(host.reads.at(1).who->size() == 2);
  CHECK(host.identity_changes == 1);
}

TEST_CASE_METHOD(fixture, "pings are answered at once, with the state that was handed over") {
  establish();
  send(set_data_request(1, "/a") + request(55, opcode::ping));
  CHECK(header_of(frames_of(take()).front()) == header{ping_xid, 0x100000007, 0});
}

TEST_CASE_METHOD(fixture, "an event stands between the replies where it came") {
  establish();
  send(read_request(1, opcode::exists, "/a", true) + read_request(2, opcode::get_data, "/a"));
  reply_read(0, 8);
  event("/a");
  reply_read(1, 9);
  CHECK(xids_of(take()) == std::vector<std::int32_t>{1, event_xid, 2});
}

TEST_CASE_METHOD(fixture, "an unknown request type is refused in its turn, and ends it all") {
  establish();
  send(set_data_request(1, "/a") + request(2, opcode{77}) + set_data_request(3, "/a"));
  CHECK(host.writes.size() == 1);
  CHECK_FALSE(it.has_output());
  reply_write(0);
  const auto frames = frames_of(take());
  REQUIRE(frames.size() == 2);
  CHECK(header_of(frames[1]) == header{2, -1, -6});
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "request types of servers among themselves are unknown") {
  for (const int number : {0, 10, 13, 20, -1, -10, 23, 99, 108})
    CHECK_FALSE(is_known(opcode{number}));
  for (const int number : {1, 9, 11, 12, 14, 22, 100, 107, -11})
    CHECK(is_known(opcode{number}));
}

TEST_CASE_METHOD(fixture, "a failed authentication is said in its turn, and ends it all") {
  establish();
  send(auth_request_bytes(-4, "x509", "u:p") + set_data_request(3, "/a"));
  CHECK(header_of(frames_of(take()).front()) == header{-4, 0, -115});
  CHECK(it.state() == phase::closing);
  CHECK(host.writes.empty());
  CHECK(host.all.auth_failures == 1);
}

TEST_CASE_METHOD(fixture, "an auth packet that does not decode closes without a reply") {
  establish();
  send(request(-4, opcode::auth, "xy"));
  CHECK(it.state() == phase::closing);
  CHECK_FALSE(it.has_output());
}

TEST_CASE_METHOD(fixture, "a body that does not decode is answered with the zxid of its place") {
  establish();
  send(request(4, opcode::get_data, "\xff"));
  REQUIRE(host.reads.size() == 1);
  reply_read(0, 12);
  CHECK(header_of(frames_of(take()).front()) == header{4, 12, -5});
  CHECK(it.state() == phase::serving);
}

TEST_CASE_METHOD(fixture, "reconfig, SASL, whoAmI and the empty multi") {
  establish();
  send(request(1, opcode::reconfig) + request(2, opcode::sasl) + request(3, opcode::who_am_i) +
       request(4, opcode::multi, std::string("\xff\xff\xff\xff\1\xff\xff\xff\xff", 9)));
  CHECK(host.writes.empty());
  REQUIRE(host.reads.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    reply_read(i, 12);
  const auto frames = frames_of(take());
  REQUIRE(frames.size() == 4);
  CHECK(header_of(frames[0]) == header{1, 12, -123});
  CHECK(header_of(frames[1]) == header{2, 0, 0});
  CHECK(frames[1].size() == 20);
  CHECK(header_of(frames[2]) == header{3, 12, 0});
  CHECK(header_of(frames[3]) == header{4, 12, 0});
  CHECK(frames[3].size() == 16 + 9);
}

TEST_CASE_METHOD(fixture, "sync without a path gives none back") {
  establish();
  send(request(1, opcode::sync, "\xff\xff\xff\xff"));
  reply_write(0);
  const auto frame = frames_of(take()).front();
  CHECK(frame.substr(16) == "\xff\xff\xff\xff");
}

TEST_CASE_METHOD(fixture, "closeSession is answered, and then the connection closes") {
  establish();
  send(request(5, opcode::close_session) + set_data_request(6, "/late"));
  REQUIRE(host.writes.size() == 1);
  it.session_gone("the tree says so first");
  it.input_ended();
  CHECK(it.state() == phase::serving);
  reply_write(0, 10);
  CHECK(header_of(frames_of(take()).front()) == header{5, 10, 0});
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "who closed its session and sent nothing behind that has said goodbye") {
  establish();
  const bool more = GENERATE(false, true);
  send(request(5, opcode::close_session) + (more ? set_data_request(6, "/late") : std::string{}));
  CHECK_FALSE(it.said_goodbye());
  reply_write(0);
  CHECK(it.state() == phase::closing);
  CHECK(it.said_goodbye() == !more);
}

TEST_CASE_METHOD(fixture, "the end of a session closes, after what was answered has left") {
  establish();
  send(read_request(1, opcode::exists, "/a"));
  reply_read(0);
  it.session_gone("expired");
  CHECK(it.has_output());
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "a write of a session that has moved closes without a reply") {
  establish();
  send(set_data_request(1, "/a"));
  reply_write(0, 9, error_code::session_moved);
  CHECK_FALSE(it.has_output());
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "a packet over the limit closes, and the reason names the limit") {
  limits.packet_bytes = 0xfffff;
  establish();
  std::string bytes;
  jute_writer{bytes}.int32(0x100000);
  send(bytes);
  CHECK(it.state() == phase::closing);
  CHECK(it.why().find("max_packet_bytes") != std::string_view::npos);
}

TEST_CASE_METHOD(fixture, "a packet without a request header closes") {
  establish();
  send(framed("1234567"));
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "a four-letter word is taken in pieces, with what follows it") {
  send("ru");
  CHECK(host.words.empty());
  send("ok\n");
  CHECK(host.words == std::vector<std::string>{"ruok\n"});
  it.input_ended();
  it.report("imok");
  CHECK(take() == "imok");
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "inside a session four letters are a length, and close it") {
  establish();
  send("ruok");
  CHECK(host.words.empty());
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "deadlines of the handshake and of silence") {
  connection idle{2, "10.0.0.7:6", "10.0.0.7", limits, host, now};
  idle.tick(now + std::chrono::seconds{10});
  CHECK(idle.state() == phase::greeting);
  idle.tick(now + std::chrono::seconds{11});
  CHECK(idle.state() == phase::closed);
  establish();
  it.tick(now + std::chrono::seconds{10});
  CHECK(it.state() == phase::serving);
  it.tick(now + std::chrono::seconds{11});
  CHECK(it.state() == phase::closing);
}

TEST_CASE_METHOD(fixture, "draining answers what was asked, and takes no more") {
  establish();
  send(set_data_request(1, "/a"));
  it.drain();
  send(set_data_request(2, "/a"));
  CHECK(host.writes.size() == 1);
  CHECK(it.state() == phase::serving);
  reply_write(0);
  CHECK(it.state() == phase::closing);
  CHECK(xids_of(take()) == std::vector<std::int32_t>{1});
}

TEST_CASE_METHOD(fixture, "statistics") {
  establish();
  send(read_request(1, opcode::exists, "/a"));
  now = now + std::chrono::milliseconds{12};
  reply_read(0, 9);
  CHECK(it.past().packets.packets_received == 2);
  CHECK(it.past().packets.packets_sent == 2);
  CHECK(it.past().packets.latency.largest_ms() == 12);
  CHECK(it.past().last_cxid == 1);
  CHECK(it.past().last_zxid == 9);
  it.reset_statistics();
  CHECK(it.past().packets.packets_received == 0);
}

}  // namespace
}  // namespace troupe::zk
