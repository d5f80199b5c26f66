// Output with parts that come later.
#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <string>

#include <troupe/base/prng.hpp>

#include "actors/gateway/zookeeper/core/outbox.hpp"
#include "test/unit/zookeeper/connection_fixture.hpp"

namespace troupe::zk {
namespace {

using namespace test;
using fixture = connection_fixture;
using phase = connection::phase;

/// Random text, so that bytes in the wrong place are seen.
std::string text_of(prng& random, std::size_t most) {
  std::string text(random.below(most + 1), ' ');
  for (auto& c : text)
    c = static_cast<char>('a' + random.below(26));
  return text;
}

/// The same in one string, in which a dot is a byte that is missing.
struct plain_outbox {
  std::string all;
  std::size_t sent = 0;
  std::deque<std::size_t> waiting;  ///< where frames begin that wait for their first bytes

  [[nodiscard]] std::size_t sendable_end() const {
    const auto gap = all.find('.');
    const auto end = gap == std::string::npos ? all.size() : gap;
    return waiting.empty() ? end : std::min(end, waiting.front());
  }
  void fill(const std::string& bytes) {
    const auto gap = all.find('.');
    if (!waiting.empty() && waiting.front() <= gap) waiting.pop_front();
    all.replace(gap, bytes.size(), bytes);
  }
  void overtake(const std::string& frame) {
    all.insert(waiting.front(), frame);
    for (auto& one : waiting)
      one += frame.size();
  }
  [[nodiscard]] std::size_t missing() const {
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '.'));
  }
  [[nodiscard]] std::size_t first_gap() const {
    const auto from = all.find('.');
    if (from == std::string::npos) return 0;
    return all.find_first_not_of('.', from) == std::string::npos
               ? all.size() - from
               : all.find_first_not_of('.', from) - from;
  }
};

}  // namespace

TEST_CASE("outbox: equals one string with gaps, whatever happens") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    prng random{seed};
    outbox box;
    plain_outbox plain;
    for (int i = 0; i < 400; ++i) {
      const auto large = random.chance(1, 20) ? std::size_t{40'000} : std::size_t{30};
      switch (random.below(6)) {
      case 0:
      case 1: {
        const auto text = text_of(random, large);
        box.end().append(text);
        plain.all += text;
        break;
      }
      case 2: {
        if (box.missing() > 200'000) break;
        // Text between, because the plain one tells gaps apart by it.
        const bool begins = random.chance(1, 2);
        const auto head = "h" + text_of(random, 20);
        const auto bytes = 1 + random.below(large);
        if (begins) plain.waiting.push_back(plain.all.size());
        box.add_gap(head, bytes,
                    begins ? std::optional<std::int64_t>{std::int64_t{i}} : std::nullopt);
        plain.all += head + std::string(bytes, '.');
        box.end().append("e");
        plain.all += "e";
        break;
      }
      case 3: {
        const auto gap = plain.first_gap();
        CHECK_FALSE(box.fill(std::string(gap + 1, 'x')));
        if (gap == 0) break;
        std::string bytes(1 + random.below(gap), 'p');
        plain.fill(bytes);
        REQUIRE(box.fill(bytes));
        break;
      }
      case 4:
        // Only in front of everything that waits can something be overtaken.
        if (box.waits_for()) {
          const auto frame = "<" + text_of(random, 5) + ">";
          box.overtake(frame);
          plain.overtake(frame);
        }
        break;
      default: {
        const auto some = std::min(box.sendable().size(), random.below(2 * large));
        const auto end = plain.sendable_end();
        REQUIRE(plain.sent + box.sendable().size() <= end);
        REQUIRE(box.sendable() == plain.all.substr(plain.sent, box.sendable().size()));
        if (end > plain.sent) REQUIRE_FALSE(box.sendable().empty());
        box.sent(some);
        plain.sent += some;
      }
      }
      REQUIRE(box.missing() == plain.missing());
      REQUIRE(box.size() + box.missing() == plain.all.size() - plain.sent);
      REQUIRE(box.empty() == (plain.sent == plain.all.size()));
    }
  }
}

namespace {

read_result long_list() {
  read_result result;
  result.stat.num_children = 3;
  result.stat.cversion = 77;
  result.names_to_come = 3 * 5;
  return result;
}
read_result whole_list() {
  auto result = long_list();
  result.names = {"a", "b", "c"};
  result.names_to_come = 0;
  return result;
}

}  // namespace

TEST_CASE_METHOD(fixture, "a list that comes in pieces is the reply that it would be at once") {
  establish();
  for (const auto op : {opcode::get_children, opcode::get_children2}) {
    host.reads.clear();
    send(read_request(1, op, "/a") + read_request(2, op, "/a"));
    reply_read(0, 9, whole_list());
    const auto whole = take();
    reply_read(1, 9, long_list());
    CHECK_FALSE(it.has_output());
    CHECK_FALSE(it.all_sent());
    it.names_arrived({"a"});
    auto parts = take();
    it.names_arrived({"b", "c"});
    while (it.has_output())
      parts += take();
    REQUIRE(it.all_sent());
    parts[7] = '\1';  // the xid
    CHECK(parts == whole);
  }
}

TEST_CASE_METHOD(fixture, "lists in a multi of reads come in pieces, too") {
  establish();
  const auto item = [](std::string& body, opcode op) {
    jute_writer out{body};
    out.int32(static_cast<std::int32_t>(op));
    out.boolean(false);
    out.int32(-1);
    out.buffer("/a");
    out.boolean(false);
  };
  std::string body;
  item(body, opcode::get_children);
  item(body, opcode::get_data);
  item(body, opcode::get_children);
  jute_writer out{body};
  out.int32(-1);
  out.boolean(true);
  out.int32(-1);
  send(request(1, opcode::multi_read, body) + request(1, opcode::multi_read, body));
  REQUIRE(host.reads.size() == 2);
  read_result data;
  data.data = blob{"data"};
  read_result whole, parts;
  whole.items = {whole_list(), data, whole_list()};
  parts.items = {long_list(), data, long_list()};
  reply_read(0, 9, whole);
  const auto expected = take();
  reply_read(1, 9, parts);
  for (int i = 0; i < 2; ++i) {
    it.names_arrived({"a", "b"});
    it.names_arrived({"c"});
  }
  std::string got;
  while (it.has_output())
    got += take();
  CHECK(got == expected);
  CHECK(it.all_sent());
}

TEST_CASE_METHOD(fixture, "what comes behind a list waits for it, and pings overtake it") {
  establish();
  send(read_request(1, opcode::get_children, "/a", true) + set_data_request(2, "/a") +
       request(-2, opcode::ping));
  CHECK(xids_of(take()) == std::vector<std::int32_t>{ping_xid});
  reply_read(0, 6, long_list());
  event("/a");
  reply_write(0, 9);
  send(request(-2, opcode::ping));
  const auto pong = frames_of(take());
  // Not the newest: events up to that one wait behind the list.
  CHECK(header_of(pong.at(0)) == header{ping_xid, 6, 0});
  it.names_arrived({"a"});
  std::string rest = take();
  send(request(-2, opcode::ping));
  CHECK_FALSE(it.has_output());
  it.names_arrived({"b", "c"});
  while (it.has_output())
    rest += take();
  CHECK(xids_of(rest) == std::vector<std::int32_t>{1, event_xid, 2, ping_xid});
}

TEST_CASE_METHOD(fixture, "a conversation ends when the list before its end is complete") {
  establish();
  send(read_request(1, opcode::get_children, "/a") + request(2, opcode::close_session));
  reply_read(0, 6, long_list());
  reply_write(0, 9);
  CHECK(it.state() == phase::closing);
  CHECK_FALSE(it.all_sent());
  it.names_arrived({"a", "b", "c"});
  std::string rest;
  while (it.has_output())
    rest += take();
  CHECK(xids_of(rest) == std::vector<std::int32_t>{1, 2});
  CHECK(it.all_sent());
}

TEST_CASE_METHOD(fixture, "a list that is to come counts as not sent") {
  limits.unsent_bytes = 1000;
  establish();
  auto list = long_list();
  list.names_to_come = 1000;
  send(read_request(1, opcode::get_children, "/a"));
  reply_read(0, 6, list);
  const auto held = it.held();
  send(read_request(2, opcode::get_data, "/a"));
  CHECK(host.reads.size() == 1);
  CHECK_FALSE(it.wants_input());
  CHECK(held < 100);  // it takes no memory yet
}

}  // namespace troupe::zk
