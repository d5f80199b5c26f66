// What bounds one connection.
#include <algorithm>

#include <catch2/catch.hpp>

#include "test/unit/zookeeper/connection_fixture.hpp"

namespace troupe::zk {
namespace {

using namespace test;
using fixture = connection_fixture;
using phase = connection::phase;

TEST_CASE_METHOD(fixture, "over its limit of requests a connection is not read, below half it is") {
  limits.outstanding_requests = 4;
  establish();
  std::string many;
  for (int xid = 1; xid <= 10; ++xid)
    many += read_request(xid, opcode::exists, "/a");
  send(many);
  CHECK(host.reads.size() == 4);
  CHECK_FALSE(it.wants_input());
  for (std::size_t i = 0; i < 2; ++i)
    reply_read(i);
  it.resume_input(now);
  CHECK(host.reads.size() == 4);
  reply_read(2);
  it.resume_input(now);
  CHECK(host.reads.size() == 7);
  for (std::size_t i = 3; i < host.reads.size(); ++i) {
    reply_read(i);
    it.resume_input(now);
  }
  CHECK(host.reads.size() == 10);
  CHECK(it.wants_input());
  CHECK(host.all.outstanding == 0);
}

TEST_CASE_METHOD(fixture, "what large replies to pipelined reads take is bounded") {
  constexpr std::size_t large = 100'000;
  limits.unsent_bytes = 4 * large;
  establish();
  read_result big;
  big.data = blob{std::string(large, 'x')};
  std::string many;
  for (int xid = 1; xid <= 300; ++xid)
    many += read_request(xid, opcode::get_data, "/a");
  send(many);
  std::size_t answered = 0;
  std::size_t most_output = 0;
  // The tree answers all that it was asked, and only then the client reads.
  while (answered < host.reads.size()) {
    CHECK(host.reads.size() - answered <= limits.outstanding_reads);
    while (answered < host.reads.size()) {
      reply_read(answered++, 9, big);
      it.resume_input(now);
    }
    most_output = std::max(most_output, take().size());
    it.resume_input(now);
  }
  CHECK(answered == 300);
  CHECK(most_output > limits.unsent_bytes);
  CHECK(most_output < limits.unsent_bytes + limits.outstanding_reads * (large + 100));
}

TEST_CASE_METHOD(fixture, "requests wait while the server has no leader") {
  establish();
  host.takes = false;
  send(read_request(1, opcode::exists, "/a") + set_data_request(2, "/a"));
  CHECK(host.reads.empty());
  CHECK(host.writes.empty());
  CHECK_FALSE(it.wants_input());
  it.resume_input(now);
  CHECK(host.reads.empty());
  host.takes = true;
  it.resume_input(now);
  CHECK(host.reads.size() == 1);
  CHECK(host.writes.size() == 1);
  CHECK(it.wants_input());
}

TEST_CASE_METHOD(fixture, "probes count as reads, writes do not") {
  limits.outstanding_reads = 2;
  establish();
  send(set_data_request(1, "/a") + set_data_request(2, "/a") + request(3, opcode::who_am_i) +
       request(4, opcode::reconfig) + set_data_request(5, "/a"));
  CHECK(host.writes.size() == 2);
  CHECK(host.reads.size() == 2);
  CHECK_FALSE(it.wants_input());
  reply_write(0);
  reply_write(1);
  it.resume_input(now);
  CHECK_FALSE(it.wants_input());
  reply_read(0);
  reply_read(1);
  it.resume_input(now);
  CHECK(it.wants_input());
  CHECK(host.writes.size() == 3);
}

TEST_CASE_METHOD(fixture, "over its limit of unsent bytes a connection is not read") {
  limits.unsent_bytes = 100;
  establish();
  send(request(1, opcode::ping));
  read_result big;
  big.data = blob{std::string(200, 'x')};
  send(read_request(2, opcode::get_data, "/a"));
  reply_read(0, 9, big);
  send(read_request(3, opcode::get_data, "/a"));
  CHECK(host.reads.size() == 1);
  CHECK_FALSE(it.wants_input());
  it.sent(100);
  it.resume_input(now);
  CHECK_FALSE(it.wants_input());  // the rest is still too much
  it.sent(it.output().size());
  CHECK_FALSE(it.has_output());
  it.resume_input(now);
  CHECK(host.reads.size() == 2);
  reply_read(1);
  take();
  it.resume_input(now);
  CHECK(it.wants_input());
}

TEST_CASE_METHOD(fixture, "a client that does not read its events is closed, with the reason") {
  limits.unsent_event_bytes = 1000;
  establish();
  for (int i = 0; i < 100 && it.state() == phase::serving; ++i) {
    event("/some/path");
  }
  CHECK(it.state() == phase::closed);
  CHECK(it.warns());
  CHECK(it.why().find("max_unsent_event_bytes") != std::string_view::npos);
}

TEST_CASE_METHOD(fixture, "an identity too many is refused as any other, and the reason says so") {
  establish();
  std::string all;
  for (std::size_t number = 1; number < identity_set::most; ++number)
    all += auth_request_bytes(-4, "digest", "user" + std::to_string(number) + ":p");
  send(all);
  CHECK(it.state() == phase::serving);
  CHECK(frames_of(take()).size() == identity_set::most - 1);
  send(auth_request_bytes(-4, "digest", "another:p") + set_data_request(3, "/a"));
  CHECK(header_of(frames_of(take()).front()) == header{-4, 0, -115});
  CHECK(it.state() == phase::closing);
  CHECK(it.why() == "authentication failed: a connection has at most 64 identities of 16384 "
                    "bytes in all");
  CHECK(host.writes.empty());
  CHECK(host.all.auth_failures == 1);
}

TEST_CASE_METHOD(fixture, "before its session a client cannot make the server keep large packets") {
  send(std::string("\0\0\x10\1half", 8));
  CHECK(it.state() == phase::closing);
  CHECK(it.warns());
  CHECK(it.why() ==
        "a first packet of 4097 bytes; at most 4096 are taken before there is a session");
  CHECK(host.connects.empty());
}

TEST_CASE_METHOD(fixture, "lists, which may be as large as the tree, are made a few at a time") {
  limits.outstanding_listings = 2;
  establish();
  std::string many;
  for (int xid = 1; xid <= 4; ++xid)
    many += read_request(xid, opcode::get_children2, "/");
  send(read_request(9, opcode::get_data, "/a") + many);
  CHECK(host.reads.size() == 3);
  CHECK_FALSE(it.wants_input());
  reply_read(0);
  reply_read(1);
  reply_read(2);
  it.resume_input(now);
  CHECK(host.reads.size() == 5);
  reply_read(3);
  reply_read(4);
  it.resume_input(now);
  CHECK(it.wants_input());
}

TEST_CASE_METHOD(fixture, "reads wait where replies as large as the last ones would have no room") {
  limits.unsent_bytes = 100'000;
  establish();
  read_result big, small;
  big.data = blob{std::string(30'000, 'x')};
  std::size_t answered = 0;
  const auto outstanding_after = [&](const read_result& result, int replies) {
    for (int i = 0; i < replies; ++i) {
      send(read_request(1, opcode::get_data, "/a"));
      reply_read(answered++, 9, result);
      take();
      it.resume_input(now);
    }
    std::string many;
    for (int xid = 1; xid <= 100; ++xid)
      many += read_request(xid, opcode::get_data, "/a");
    send(many);
    const auto open = host.reads.size() - answered;
    while (answered < host.reads.size()) {
      reply_read(answered++, 9, result);
      take();
      it.resume_input(now);
    }
    return open;
  };
  CHECK(outstanding_after(small, 100) == limits.outstanding_reads);
  CHECK(outstanding_after(big, 1) == 4);
  CHECK(outstanding_after(small, 100) == limits.outstanding_reads);
}

TEST_CASE_METHOD(fixture,
                 "while all connections hold too much, each has a small part of its limits") {
  limits.outstanding_requests = 32;
  establish();
  host.all.held_bytes = limits.held_bytes / 2 + 1;
  std::string many;
  for (int xid = 1; xid <= 5; ++xid)
    many += set_data_request(xid, "/a");
  send(many);
  CHECK(host.writes.size() == 2);
  CHECK(it.held() > 3 * set_data_request(1, "/a").size());
  reply_write(0);
  reply_write(1);
  it.resume_input(now);
  CHECK(host.writes.size() == 4);
  host.all.held_bytes = 0;
  it.resume_input(now);
  CHECK(host.writes.size() == 5);
}

}  // namespace
}  // namespace troupe::zk
