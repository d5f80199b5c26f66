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
  it.take_output({});
  it.resume_input(now);
  CHECK_FALSE(it.wants_input());  // taken, but not sent
  it.sent();
  it.resume_input(now);
  CHECK(it.wants_input());
  CHECK(host.reads.size() == 2);
}

TEST_CASE_METHOD(fixture, "a client that does not read its events is closed, with the reason") {
  limits.unsent_event_bytes = 1000;
  establish();
  for (int i = 0; i < 100 && it.state() == phase::serving; ++i) {
    it.event(event_kind::node_data_changed, "/some/path", zxid{9});
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
  CHECK(it.why() == "authentication failed: a connection has at most 64 identities");
  CHECK(host.writes.empty());
  CHECK(host.all.auth_failures == 1);
}

}  // namespace
}  // namespace troupe::zk
