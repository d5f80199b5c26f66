#include <catch2/catch.hpp>

#include <regex>
#include <sstream>

#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {
namespace {

server_facts some_server() {
  server_facts facts;
  facts.version = "3.9.4-troupe-0.1.0, built on 01/01/2026 00:00 GMT";
  facts.mode = "standalone";
  facts.counters.all.packets_received = 1201;
  facts.counters.all.packets_sent = 1200;
  facts.counters.all.latency.add(57);
  facts.counters.all.latency.add(0);
  facts.connections = 3;
  facts.applied.value = 0x100000021;
  facts.node_count = 17;
  return facts;
}

TEST_CASE("srvr is what the clients' parsers expect, to the letter") {
  CHECK(render_srvr(some_server()) ==
        "Zookeeper version: 3.9.4-troupe-0.1.0, built on 01/01/2026 00:00 GMT\n"
        "Latency min/avg/max: 0/28/57\nReceived: 1201\nSent: 1200\nConnections: 3\n"
        "Outstanding: 0\nZxid: 0x100000021\nMode: standalone\nNode count: 17\n");
}

TEST_CASE("cons has the session part only where there is a session") {
  connection_facts plain;
  plain.peer = "127.0.0.1:40022";
  plain.reporting = true;
  plain.past.packets.packets_received = 1;
  auto with_session = plain;
  with_session.peer = "10.0.0.7:52114";
  with_session.reporting = false;
  with_session.session.value = 0x100000a1b2c0001;
  with_session.timeout = milliseconds{30'000};
  with_session.past.last_op = opcode::ping;
  with_session.past.last_cxid = 3;
  with_session.established.ms = 1'720'000'000'000;
  with_session.last_reply.ms = 1'720'000'005'000;
  CHECK(render_cons({with_session, plain}) ==
        " /10.0.0.7:52114[1](queued=0,recved=1,sent=0,sid=0x100000a1b2c0001,lop=PING,"
        "est=1720000000000,to=30000,lcxid=0x3,lzxid=0xffffffffffffffff,lresp=1720000005000,"
        "llat=0,minlat=0,avglat=0,maxlat=0)\n"
        " /127.0.0.1:40022[0](queued=0,recved=1,sent=0)\n\n");
}

TEST_CASE("every line of mntr is one that telegraf takes") {
  std::istringstream lines{render_mntr(some_server())};
  const std::regex pattern{R"(^zk_(\w+)\s+([\w.\-]+).*)"};
  std::string line;
  std::vector<std::string> keys;
  while (std::getline(lines, line)) {
    std::smatch found;
    CAPTURE(line);
    CHECK(std::regex_match(line, found, pattern));
    keys.push_back(found[1]);
  }
  const std::vector<std::string> first = {"version", "avg_latency", "max_latency", "min_latency"};
  REQUIRE(keys.size() > first.size());
  CHECK(std::vector<std::string>(keys.begin(), keys.begin() + 4) == first);
}

TEST_CASE("watches by session, by path, and in numbers") {
  const paths_by_session watches = {{session_id{0x1}, {"/a", "/b"}}, {session_id{0x2}, {"/a"}}};
  CHECK(render_wchc(watches) == "0x1\n\t/a\n\t/b\n0x2\n\t/a\n\n");
  CHECK(render_wchp(watches) == "/a\n\t0x1\n\t0x2\n/b\n\t0x1\n\n");
  CHECK(render_wchs(2, 2, 3) == "2 connections watching 2 paths\nTotal watches:3\n");
}

TEST_CASE("dirs, hash and numbers") {
  CHECK(render_dirs(67) == "datadir_size: 67\nlogdir_size: 0\n");
  CHECK(render_hash(zxid{0x100000021}, 255) == "100000021: 255\n");
  CHECK(hex(0) == "0x0");
}

}  // namespace
}  // namespace troupe::zk
