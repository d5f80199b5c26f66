#include <catch2/catch.hpp>

#include "actors/gateway/zookeeper/switchboard.hpp"
#include "test/unit/zookeeper/client_script.hpp"

namespace troupe::zk {
namespace {

using namespace test;
using phase = connection::phase;
namespace tree = role::tree;

constexpr std::uint32_t lane = 3;

gateway_settings settings() {
  gateway_settings made;
  made.lane = lane;
  made.four_letter_words = {"*"};
  made.version = "3.9.4-troupe-0.1.0, built on 01/01/2026 00:00 GMT";
  made.configuration = [] {
    return named_values{{"clientPort", "2181"}, {"dataDirSize", "0"}, {"tickTime", "0"}};
  };
  made.environment = [] { return named_values{{"host.name", "here"}}; };
  made.open_and_most_files = [] { return std::pair<std::uint64_t, std::uint64_t>{10, 1000}; };
  return made;
}

struct fixture {
  explicit fixture(gateway_settings with = settings())
      : board(std::move(with), 1000, monotonic_time{std::chrono::seconds{5}}, wall_time{5000}) {
    board.at(monotonic_time{std::chrono::seconds{5}}, wall_time{5000});
  }
  void serve(std::uint64_t applied = 0x100000001) {
    board.on(
        {true, role::broadcast::server_mode::standalone, true, zxid{applied}, server_id{1}, 4});
  }
  connection& client() { return board.accept("10.0.0.7:99", "10.0.0.7"); }
  connection& established(std::uint64_t session) {
    auto& made = client();
    board.receive(made, connect_bytes());
    const auto turn = board.take_turn();
    outcome(tree::session_reply{turn.opens.sessions.at(0).origin.sequence, zxid{0x100000002},
                                error_code::ok, session_id{session}, milliseconds{4000},
                                std::string(password_bytes, 's')});
    made.sent(made.output().size());
    return made;
  }
  void outcome(tree::output_item item, std::uint64_t applied = 0x100000002) {
    tree::output message;
    message.applied.value = applied;
    message.items.push_back(std::move(item));
    board.on(message);
  }
  std::string text(connection& from) {
    std::string bytes{from.output()};
    from.sent(bytes.size());
    return bytes;
  }

  switchboard board;
};

TEST_CASE_METHOD(fixture, "a new session is asked for, once this server serves") {
  auto& it = client();
  board.receive(it, connect_bytes());
  CHECK(board.take_turn().opens.sessions.empty());
  serve();
  const auto turn = board.take_turn();
  REQUIRE(turn.opens.sessions.size() == 1);
  CHECK(turn.opens.sessions[0].origin ==
        origin{server_id{1}, 4, lane, turn.opens.sessions[0].origin.sequence});
  CHECK(turn.opens.sessions[0].timeout == milliseconds{10'000});
  CHECK(it.state() == phase::connecting);
}

TEST_CASE_METHOD(fixture, "a client that has seen more than this server is closed without a word") {
  serve(0x100000005);
  auto& it = client();
  board.receive(it, connect_bytes(0, 0x100000006));
  CHECK(it.state() == phase::closing);
  CHECK_FALSE(it.has_output());
  auto& level = client();
  board.receive(level, connect_bytes(0, 0x100000005));
  CHECK(level.state() == phase::connecting);
  auto& negative = client();
  board.receive(negative, connect_bytes(0, -1));
  CHECK(negative.state() == phase::connecting);
}

TEST_CASE_METHOD(fixture, "a client is alone while nobody else is heard, and for a moment after") {
  using namespace std::chrono_literals;
  serve();
  const auto disk_bound_at = [&](nanoseconds after, connection& who, bool reads = false) {
    board.at(monotonic_time{5s + after}, wall_time{5000});
    if (reads) board.receive(who, read_request(1, opcode::get_data, "/a"));
    board.receive(who, set_data_request(2, "/a"));
    return board.take_turn().writes.disk_bound;
  };
  auto& one = established(77);
  CHECK(disk_bound_at(0ms, one, true));
  auto& other = established(78);
  CHECK_FALSE(disk_bound_at(1ms, one));
  CHECK(disk_bound_at(100ms, one, true));
  CHECK_FALSE(disk_bound_at(101ms, other));
  CHECK(disk_bound_at(200ms, other, true));
  // In place of one that left, the next is as alone.
  board.remove(other);
  CHECK(disk_bound_at(201ms, one));
}

TEST_CASE_METHOD(fixture, "broadcast hears of readers, again and again, but not with every read") {
  using namespace std::chrono_literals;
  serve();
  auto& one = established(77);
  auto& other = established(78);
  const auto told_at = [&](nanoseconds after, connection& reader) {
    board.at(monotonic_time{5s + after}, wall_time{5000});
    board.receive(reader, read_request(1, opcode::get_data, "/a"));
    return board.take_turn().readers_wait;
  };
  CHECK_FALSE(told_at(100ms, other));  // alone
  CHECK(told_at(101ms, one));
  CHECK_FALSE(told_at(110ms, other));
  CHECK(told_at(111ms, one));
}

TEST_CASE_METHOD(fixture, "many who write are bound by the disk, until one of them reads") {
  using namespace std::chrono_literals;
  serve();
  auto& one = established(77);
  auto& other = established(78);
  const auto turn_at = [&](nanoseconds after, bool reads) {
    board.at(monotonic_time{5s + after}, wall_time{5000});
    board.receive(one, set_data_request(1, "/a"));
    board.receive(other,
                  reads ? read_request(1, opcode::get_data, "/a") : set_data_request(1, "/a"));
    auto& opens = client();
    board.receive(opens, connect_bytes());
    auto turn = board.take_turn();
    CHECK(turn.opens.disk_bound == turn.writes.disk_bound);
    return turn.writes.disk_bound;
  };
  CHECK(turn_at(0ms, false));
  CHECK_FALSE(turn_at(1ms, true));
  CHECK_FALSE(turn_at(2ms, false));
  CHECK_FALSE(turn_at(21ms, false));
  CHECK(turn_at(22ms, false));
}

TEST_CASE_METHOD(fixture, "a wrong password kicks nobody, a right one replaces the connection") {
  serve();
  auto& first = established(77);
  auto& intruder = client();
  board.receive(intruder, connect_bytes(77));
  auto turn = board.take_turn();
  REQUIRE(turn.resumes.size() == 1);
  CHECK(turn.resumes[0].session == session_id{77});
  role::session::resumed no{turn.resumes[0].sequence, false, {}, {}, {}};
  board.on(no);
  CHECK(intruder.state() == phase::closing);
  CHECK(first.state() == phase::serving);

  auto& second = client();
  board.receive(second, connect_bytes(77));
  turn = board.take_turn();
  role::session::resumed yes{turn.resumes[0].sequence, true, session_id{77}, milliseconds{4000},
                             std::string(password_bytes, 's')};
  board.on(yes);
  CHECK(first.state() == phase::closing);
  CHECK(second.state() == phase::serving);
  // The end of the replaced connection is not the end of the session's new one.
  board.remove(first);
  board.on(role::session::moved{session_id{77}});
  CHECK(second.state() == phase::closing);
}

TEST_CASE_METHOD(fixture,
                 "requests of one turn are one message to each room, with one touch list") {
  serve();
  auto& one = established(1);
  auto& two = established(2);
  board.take_turn();
  board.receive(one, set_data_request(1, "/a") + read_request(2, opcode::get_data, "/a"));
  board.receive(two, read_request(1, opcode::get_data, "/a"));
  const auto turn = board.take_turn();
  REQUIRE(turn.writes.requests.size() == 1);
  REQUIRE(turn.reads.requests.size() == 2);
  CHECK(turn.reads.lane == lane);
  CHECK(turn.writes.requests[0].session == session_id{1});
  // From when the connection has the session, so that a leader can tell it from a later one.
  CHECK(turn.writes.requests[0].since == zxid{0x100000001});
  CHECK(turn.reads.requests[0].after == turn.writes.requests[0].origin.sequence);
  CHECK(turn.reads.requests[0].connection == one.number());
  CHECK(turn.reads.requests[1].after == 0);
  CHECK(turn.touches.sessions == std::vector<session_id>{{1}, {2}});
  CHECK_FALSE(board.has_turn());
}

TEST_CASE_METHOD(fixture, "outcomes and events find their connections, others are dropped") {
  serve();
  auto& one = established(1);
  auto& two = established(2);
  board.receive(one, read_request(1, opcode::exists, "/a", true));
  const auto sequence = board.take_turn().reads.requests.at(0).sequence;
  outcome(tree::watch_event{
      event_kind::node_created, "/a", zxid{0x100000003}, {two.number(), 999'999}});
  outcome(tree::read_reply{sequence, one.number(), zxid{0x100000003}, {}});
  outcome(tree::read_reply{sequence, 999'999, zxid{0x100000003}, {}});
  outcome(tree::write_reply{4711, zxid{0x100000003}, {}, false, {}});
  CHECK(xids_of(text(one)) == std::vector<std::int32_t>{1});
  CHECK(xids_of(text(two)) == std::vector<std::int32_t>{event_xid});
}

TEST_CASE_METHOD(fixture, "a ping never shows a state whose events are still to come") {
  serve(0x100000001);
  auto& one = established(1);
  serve(0x100000009);
  board.receive(one, request(-2, opcode::ping));
  CHECK(header_of(frames_of(text(one)).front()).zxid == 0x100000002);
  tree::output later;
  later.applied.value = 0x100000009;
  board.on(later);
  board.receive(one, request(-2, opcode::ping));
  CHECK(header_of(frames_of(text(one)).front()).zxid == 0x100000009);
}

TEST_CASE_METHOD(fixture, "a connection that is gone leaves nothing behind") {
  serve();
  auto& one = established(1);
  board.receive(one, read_request(1, opcode::exists, "/a") + set_data_request(2, "/a"));
  const auto number = one.number();
  const auto turn = board.take_turn();
  CHECK(board.totals().outstanding == 2);
  board.remove(one);
  CHECK(board.size() == 0);
  CHECK(board.totals().outstanding == 0);
  const auto last = board.take_turn();
  REQUIRE(last.gone.watchers.size() == 1);
  CHECK(last.gone.watchers[0] == watcher_id{lane, number});
  CHECK(board.take_marked().empty());
  outcome(tree::read_reply{turn.reads.requests[0].sequence, number, zxid{0x100000003}, {}});
  outcome(tree::session_ended{session_id{1}, close_cause::expired});
  CHECK(board.take_marked().empty());
}

TEST_CASE_METHOD(fixture, "the end of a session closes its connection") {
  serve();
  auto& one = established(1);
  auto& two = established(2);
  outcome(tree::session_ended{session_id{1}, close_cause::expired});
  CHECK(one.state() == phase::closing);
  CHECK(one.why() == "its session ended: expired");
  CHECK(two.state() == phase::serving);
}

TEST_CASE_METHOD(fixture, "a session that ends while it is being resumed is not resumed") {
  serve();
  auto& late = client();
  auto& other = client();
  board.receive(late, connect_bytes(77));
  board.receive(other, connect_bytes(78));
  const auto turn = board.take_turn();
  REQUIRE(turn.resumes.size() == 2);
  const auto yes = [&](std::size_t index) {
    const auto& asked = turn.resumes[index];
    role::session::resumed answer{asked.sequence, true, asked.session, milliseconds{4000},
                                  std::string(password_bytes, 's')};
    board.on(answer);
  };
  outcome(tree::session_ended{session_id{77}, close_cause::expired});
  yes(0);
  yes(1);
  CHECK(late.state() == phase::closing);
  CHECK(late.why() == "session expired or password wrong");
  REQUIRE(frames_of(text(late)).size() == 1);
  CHECK(other.state() == phase::serving);
  // Once it is resumed, its end is that of its connection.
  outcome(tree::session_ended{session_id{78}, close_cause::expired});
  CHECK(other.state() == phase::closing);
  CHECK(other.why() == "its session ended: expired");
}

TEST_CASE_METHOD(fixture,
                 "every client that resumes a session is told of its end, if it is there") {
  serve();
  auto& gone = client();
  auto& first = client();
  auto& second = client();
  for (auto* one : {&gone, &first, &second})
    board.receive(*one, connect_bytes(77));
  board.remove(gone);
  outcome(tree::session_ended{session_id{77}, close_cause::client});
  for (auto* one : {&first, &second}) {
    CHECK(one->state() == phase::closing);
    CHECK(one->has_output());
  }
}

TEST_CASE("limits of connections are named") {
  auto with = settings();
  with.max_connections = 3;
  with.max_connections_per_address = 2;
  fixture it{std::move(with)};
  auto& first = it.client();
  it.client();
  CHECK(it.board.refuses("10.0.0.7")->limit == "max_connections_per_address is 2");
  CHECK_FALSE(it.board.refuses("10.0.0.8").has_value());
  it.board.accept("10.0.0.8:1", "10.0.0.8");
  CHECK(it.board.refuses("10.0.0.9")->limit == "max_connections is 3");
  it.board.remove(first);
  CHECK_FALSE(it.board.refuses("10.0.0.7").has_value());
}

TEST_CASE("when all connections hold too much, the one that holds most is closed") {
  auto with = settings();
  with.limits.held_bytes = 1000;
  fixture it{std::move(with)};
  it.serve();
  auto& small = it.established(1);
  auto& large = it.established(2);
  auto& last = it.established(3);
  const auto half_a_packet = [&](connection& of, std::size_t bytes) {
    it.board.receive(of, std::string("\0\0\x10\0", 4) + std::string(bytes - 4, 'x'));
    it.board.count_held(of);
  };
  half_a_packet(small, 200);
  half_a_packet(large, 600);
  CHECK(it.board.totals().held_bytes == 800);
  half_a_packet(last, 300);
  CHECK(large.state() == phase::closed);
  CHECK(large.warns());
  CHECK(large.why() ==
        "it holds 600 bytes, more than any other, and all together hold more than max_held_bytes "
        "(1000)");
  CHECK(it.board.totals().held_bytes == 500);
  CHECK(it.board.totals().closed_for_memory == 1);
  CHECK(it.board.has_marked());
  it.board.remove(large);
  it.board.remove(last);
  CHECK(it.board.totals().held_bytes == 200);
  CHECK(small.state() == phase::serving);
}

TEST_CASE("a crowd that holds too much is thinned out once, not one by one") {
  auto with = settings();
  with.limits.held_bytes = 16'000;
  fixture it{std::move(with)};
  it.serve();
  std::vector<connection*> crowd;
  for (std::uint64_t i = 0; i < 40; ++i) {
    crowd.push_back(&it.established(i + 1));
    it.board.receive(*crowd.back(), std::string("\0\0\x10\0", 4) + std::string(396 + i % 2, 'x'));
    it.board.count_held(*crowd.back());
  }
  // A sixteenth is free again, and no more than that was taken: from those who held most.
  CHECK(it.board.totals().held_bytes <= 15'000);
  CHECK(it.board.totals().held_bytes > 14'500);
  CHECK(it.board.totals().closed_for_memory == 3);
  CHECK(crowd[1]->state() == phase::closed);
  CHECK(crowd[0]->state() == phase::serving);
}

TEST_CASE_METHOD(fixture, "four-letter words while the server does not serve") {
  const auto answer = [&](std::string_view word) {
    auto& it = client();
    board.receive(it, word);
    return text(it);
  };
  CHECK(answer("ruok") == "imok");
  CHECK(answer("isro") == "null");
  CHECK(answer("srvr\n") == "This ZooKeeper instance is not currently serving requests\n");
  CHECK(answer("envi") == "Environment:\nhost.name=here\n");
  serve();
  CHECK(answer("isro") == "rw");
  CHECK(answer("gtmk") == "306");
  CHECK(answer(std::string("stmk\0\0\0\0\0\0\0\5", 12)) == "5");
  CHECK(answer("gtmk") == "5");
}

TEST_CASE("words that are not allowed are refused in one line") {
  auto with = settings();
  with.four_letter_words = {"ruok"};
  fixture it{std::move(with)};
  auto& one = it.client();
  it.board.receive(one, "dump");
  CHECK(it.text(one) == "dump is not executed because it is not in the whitelist.\n");
}

TEST_CASE_METHOD(fixture, "words that need other rooms wait for all of them") {
  serve();
  auto& session = established(0x10);
  auto& one = client();
  board.take_turn();
  board.receive(one, "dump");
  const auto turn = board.take_turn();
  REQUIRE(turn.tree_questions.size() == 1);
  REQUIRE(turn.session_questions.size() == 1);
  CHECK(turn.tree_questions[0].lists);
  role::session::inspection sessions;
  sessions.token = turn.session_questions[0].token;
  sessions.tick = milliseconds{500};
  sessions.deadlines = {{session_id{0x10}, milliseconds{1000}}};
  board.on(sessions);
  CHECK_FALSE(one.has_output());
  tree::inspection nodes;
  nodes.token = turn.tree_questions[0].token;
  nodes.ephemerals = {{session_id{0x10}, {"/e"}}};
  board.on(nodes);
  CHECK(text(one) ==
        "SessionTracker dump:\nSession Sets (1)/(1):\n1 expire at Thu Jan 01 00:00:06 UTC 1970:\n"
        "\t0x10\nephemeral nodes dump:\nSessions with Ephemerals (1):\n0x10:\n\t/e\n"
        "Connections dump:\nConnections Sets (1)/(1):\n1 expire at Thu Jan 01 00:00:09 UTC 1970:\n"
        "\tip: /10.0.0.7:99 sessionId: 0x10\n");
  CHECK(one.state() == phase::closing);
  CHECK(session.state() == phase::serving);
}

TEST_CASE_METHOD(fixture, "wchs counts data watches, and each path once") {
  serve();
  auto& one = client();
  board.receive(one, "wchs");
  tree::inspection watched;
  watched.token = board.take_turn().tree_questions.at(0).token;
  watched.watches = {{{lane, 1}, {"/a", "/b"}}, {{lane, 2}, {"/a"}}};
  board.on(watched);
  CHECK(text(one) == "2 connections watching 2 paths\nTotal watches:3\n");
}

TEST_CASE_METHOD(fixture, "conf puts in what it has measured and been told") {
  serve();
  auto& one = client();
  board.receive(one, "conf");
  const auto turn = board.take_turn();
  board.on_size(turn.size_questions.at(0), 4096);
  CHECK_FALSE(one.has_output());
  role::session::inspection sessions;
  sessions.token = turn.session_questions.at(0).token;
  sessions.tick = milliseconds{500};
  board.on(sessions);
  CHECK(text(one) == "clientPort=2181\ndataDirSize=4096\ntickTime=500\n");
}

TEST_CASE_METHOD(fixture, "an answer for a connection that is gone is dropped") {
  serve();
  auto& one = client();
  board.receive(one, "srvr");
  tree::inspection nodes;
  nodes.token = board.take_turn().tree_questions.at(0).token;
  board.remove(one);
  board.on(nodes);
  role::broadcast::inspection alone;
  alone.token = nodes.token;
  board.on(alone);
  CHECK(board.take_marked().empty());
}

TEST_CASE_METHOD(fixture, "stat lists the connections between version and counters") {
  serve();
  auto& session = established(0x10);
  board.receive(session, read_request(3, opcode::get_data, "/a"));
  auto& one = client();
  board.receive(one, "stat");
  tree::inspection nodes;
  nodes.token = board.take_turn().tree_questions.at(0).token;
  nodes.applied.value = 0x100000002;
  nodes.node_count = 5;
  board.on(nodes);
  CHECK_FALSE(one.has_output());
  role::broadcast::inspection alone;
  alone.token = nodes.token;
  board.on(alone);
  CHECK(text(one) ==
        "Zookeeper version: 3.9.4-troupe-0.1.0, built on 01/01/2026 00:00 GMT\nClients:\n"
        " /10.0.0.7:99[1](queued=1,recved=2,sent=1)\n"
        " /10.0.0.7:99[0](queued=0,recved=1,sent=0)\n\n"
        "Latency min/avg/max: 0/0/0\nReceived: 3\nSent: 1\nConnections: 2\nOutstanding: 1\n"
        "Zxid: 0x100000002\nMode: standalone\nNode count: 5\n");
}

TEST_CASE_METHOD(fixture, "a stop that waited long enough gives up what was not answered") {
  serve();
  auto& waits = established(1);
  board.receive(waits, read_request(7, opcode::get_data, "/a"));
  board.drain();
  REQUIRE(waits.state() == phase::serving);
  auto& leaves = client();
  board.receive(leaves, "ruok");
  REQUIRE(leaves.state() == phase::closing);
  REQUIRE(leaves.has_output());
  board.give_up(false);
  CHECK(waits.state() == phase::closed);
  CHECK(waits.warns());
  CHECK(leaves.state() == phase::closing);
  board.give_up(true);
  CHECK(leaves.state() == phase::closed);
}

}  // namespace
}  // namespace troupe::zk
