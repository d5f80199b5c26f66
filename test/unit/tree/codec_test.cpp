// The encoding of transactions: frozen, complete, and safe against any bytes.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "test/unit/tree/generator.hpp"
#include "test/unit/tree/samples.hpp"

using namespace troupe;
using namespace troupe::tree::test;
namespace codec = troupe::tree::codec;

namespace {

std::string file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("tree: the frozen transaction decodes to what was written, and encodes the same",
          "[tree][codec]") {
  const auto bytes = file("test/frozen/tree/txn-0.1.0.bin");
  CHECK(codec::encode(sample_txn()).body.view() == bytes);
  const auto decoded = codec::decode(blob{std::string_view{bytes}});
  REQUIRE(decoded.ok());
  const auto& txn = *decoded;
  CHECK(txn.zxid == zxid::of(3, 9));
  CHECK(txn.time.ms == -5);
  CHECK(txn.session == session_id{0x100000a1b2c30001});
  CHECK(txn.origin == origin{{2}, 3, 4, 5});
  CHECK(txn.request_id == 6);
  CHECK(txn.kind == txn_kind::multi);
  REQUIRE(txn.changes.size() == 9);
  const auto& made = std::get<change::create_node>(txn.changes[0]);
  CHECK(made.path == "/a");
  CHECK(made.data.is_null());
  CHECK(made.acl == acl{{31, {"world", "anyone"}}, {-1, {"digest", "u:\xff"}}});
  CHECK(made.kind == node_kind::ttl);
  CHECK(made.ttl_ms == 7);
  CHECK(made.parent_children_created == -8);
  const auto& empty = std::get<change::create_node>(txn.changes[1]);
  CHECK_FALSE(empty.data.is_null());
  CHECK(empty.owner == session_id{9});
  CHECK(std::get<change::delete_node>(txn.changes[2]).path == "/c");
  CHECK(std::get<change::set_data>(txn.changes[3]).version == 10);
  CHECK(std::get<change::set_acl>(txn.changes[4]).aversion == 11);
  CHECK(std::get<change::checked>(txn.changes[5]).path == "/f");
  CHECK(std::get<change::create_session>(txn.changes[6]).timeout == milliseconds{12});
  CHECK(std::get<change::close_session>(txn.changes[7]).cause == close_cause::administrator);
  CHECK(std::get<change::set_secret>(txn.changes[8]).secret == std::string("\0key", 4));
}

TEST_CASE("tree: the frozen answer decodes to what was written, and encodes the same",
          "[tree][codec]") {
  const auto bytes = file("test/frozen/tree/txn-answered.bin");
  CHECK(codec::encode(sample_answered()).body.view() == bytes);
  const auto decoded = codec::decode(blob{std::string_view{bytes}});
  REQUIRE(decoded.ok());
  const auto& told = std::get<change::answered>(decoded->changes.back());
  CHECK(told.remembered);
  CHECK(told.results == std::vector<change::answered::result>{{1, -2}, {-1, 3}});
}

TEST_CASE("tree: damaged transactions are refused or decode, and never crash", "[tree][codec]") {
  const auto bytes = codec::encode(sample_txn()).body;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char mask : {'\x01', '\x10', '\x80', '\xff'}) {
      std::string damaged{bytes.view()};
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      const auto decoded = codec::decode(blob{std::string_view{damaged}});
      if (!decoded.ok()) {
        ++refused;
        CHECK_FALSE(decoded.error().message.empty());
      }
    }
    CHECK_FALSE(codec::decode(blob{bytes.view().substr(0, i)}).ok());
  }
  CHECK(refused > 100);
  CHECK_FALSE(codec::decode({}).ok());
  generator random{7};
  for (int i = 0; i < 2000; ++i) {
    std::string noise(8 * random.below(20), '\0');
    for (auto& c : noise)
      c = static_cast<char>(random.below(random.chance(1, 2) ? 4 : 256));
    static_cast<void>(codec::decode(blob{std::string_view{noise}}).ok());
  }
}

TEST_CASE("tree: a transaction that does not fit the state is named", "[tree][codec]") {
  troupe::tree::tree t{{}};
  txn decided;
  decided.zxid = zxid::of(1, 2);
  CHECK_FALSE(t.replay(decided).empty());
  decided.zxid = zxid::of(1, 1);
  const std::vector<txn_change> misfits{
      change::create_node{"/missing/a", {}, open_acl, {}, -1, {}, 1},
      change::create_node{"/zookeeper", {}, open_acl, {}, -1, {}, 1},
      change::create_node{"/", {}, open_acl, {}, -1, {}, 1},
      change::create_node{"", {}, open_acl, {}, -1, {}, 1},
      change::create_node{"/e", {}, open_acl, node_kind::ephemeral, -1, {5}, 1},
      change::delete_node{"/missing"},
      change::delete_node{"/zookeeper"},
      change::delete_node{"/"},
      change::set_data{"/missing", {}, 1},
      change::set_acl{"nonsense", {}, 1},
      change::create_session{},
      change::close_session{{5}, {}},
      change::answered{{{0, 0}}, false}};
  for (const auto& one : misfits) {
    INFO(one.index());
    decided.changes = {one};
    CHECK_FALSE(t.replay(decided).empty());
  }
  decided.changes = {change::answered{{}, true}, change::checked{"/"}};
  CHECK_FALSE(t.replay(decided).empty());
}

TEST_CASE("tree: the frozen snapshot loads to the same digest for ever", "[tree][snapshot]") {
  const auto bytes = file("test/frozen/tree/snapshot-0.1.0.bin");
  troupe::tree::state state;
  troupe::tree::snapshot_loader loader{state, zxid::of(1, 8), sample_snapshot_digest};
  codec::snapshot_decoder decoder{
      [&](const troupe::tree::snapshot::record& r) { return loader.add(r); }};
  CHECK(decoder.feed(bytes).empty());
  CHECK(loader.complete());
  CHECK(state.recomputed_digest() == sample_snapshot_digest);
  CHECK(state.find("/a/n-0000000000")->kind() == node_kind::ephemeral);
  CHECK(state.nodes().data(*state.find("/a")) == "data");
  CHECK_FALSE(state.nodes().has_data(*state.find("/null")));
  CHECK(state.sessions().size() == 2);
}

TEST_CASE("tree: the frozen snapshot with requests loads to the same digest for ever",
          "[tree][snapshot]") {
  const auto bytes = file("test/frozen/tree/snapshot-requests.bin");
  troupe::tree::state state;
  troupe::tree::snapshot_loader loader{state, zxid::of(1, 11), sample_requests_digest};
  codec::snapshot_decoder decoder{
      [&](const troupe::tree::snapshot::record& r) { return loader.add(r); }};
  CHECK(decoder.feed(bytes).empty());
  CHECK(loader.complete());
  CHECK(state.recomputed_digest() == sample_requests_digest);
  const auto& window = *state.sessions().find(alice)->requests;
  REQUIRE(window.find(6));
  CHECK(window.find(6)->results.at(0).path == "/r");
  REQUIRE(window.find(7));
  CHECK(window.find(7)->is_multi);
  CHECK(window.find(7)->results.at(1).number == 5);
}
