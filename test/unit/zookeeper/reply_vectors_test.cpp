// The replies among the byte vectors of the protocol reference, section 17.
#include <catch2/catch.hpp>

#include "actors/gateway/zookeeper/codec/replies.hpp"
#include "test/unit/zookeeper/hex.hpp"

namespace troupe::zk {
namespace {

using test::from_hex;
using test::to_hex;

constexpr std::int64_t time_ms = 1'700'000'000'000;
constexpr session_id some_session{0x100000a1b2c30001};

template <class F>
std::string encoded(F encode) {
  std::string out;
  encode(out);
  return to_hex(out);
}

stat stat_of(std::uint64_t zxid) {
  stat value;
  value.czxid.value = value.mzxid.value = value.pzxid.value = zxid;
  value.ctime_ms = value.mtime_ms = time_ms;
  return value;
}

TEST_CASE("the connect response has as many bytes as the request allows") {
  const auto password = from_hex("000102030405060708090a0b0c0d0e0f");
  CHECK(encoded([&](auto& out) {
          encode_connected(out, some_session, milliseconds{10'000}, password, true);
        }) == "000000250000000000002710100000a1b2c3000100000010000102030405060708090a0b0c0d0e0f00");
  CHECK(encoded([&](auto& out) {
          encode_connected(out, some_session, milliseconds{10'000}, password, false);
        }) == "000000240000000000002710100000a1b2c3000100000010000102030405060708090a0b0c0d0e0f");
  CHECK(encoded([](auto& out) { encode_expired(out, true); }) ==
        "0000002500000000000000000000000000000000000000100000000000000000000000000000000000");
}

TEST_CASE("replies without a body") {
  CHECK(encoded([](auto& out) {
          encode_bare(out, {ping_xid, opcode::ping, 0x100000007}, error_code::ok);
        }) == "00000010fffffffe000000010000000700000000");
  CHECK(encoded([](auto& out) {
          encode_bare(out, {-4, opcode::auth, 0}, error_code::ok);
        }) == "00000010fffffffc000000000000000000000000");
  CHECK(encoded([](auto& out) {
          encode_bare(out, {-4, opcode::auth, 0}, error_code::auth_failed);
        }) == "00000010fffffffc0000000000000000ffffff8d");
  CHECK(encoded([](auto& out) {
          encode_read(out, {-8, opcode::set_watches, 0x100000009}, {}, {});
        }) == "00000010fffffff8000000010000000900000000");
}

TEST_CASE("an error has a header and no body") {
  read_result missing;
  missing.error = error_code::no_node;
  CHECK(encoded([&](auto& out) {
          encode_read(out, {3, opcode::get_data, 0x100000002}, {}, missing);
        }) == "00000010000000030000000100000002ffffff9b");
  CHECK(encoded([&](auto& out) {
          encode_read(out, {8, opcode::exists, 0x100000009}, {}, missing);
        }) == "00000010000000080000000100000009ffffff9b");
}

TEST_CASE("create, create2 and sync answer with the path") {
  const std::vector<write_result> created = {{error_code::ok, "/a", {}}};
  CHECK(encoded([&](auto& out) {
          encode_write(out, {1, opcode::create, 0x100000002}, {}, created);
        }) == "0000001600000001000000010000000200000000000000022f61");
  auto with_stat = stat_of(0x100000009);
  with_stat.ephemeral_owner = some_session;
  const std::vector<write_result> sequential = {{error_code::ok, "/l/n-0000000000", with_stat}};
  CHECK(encoded([&](auto& out) {
          encode_write(out, {6, opcode::create2, 0x100000009}, {}, sequential);
        }) ==
        "00000067000000060000000100000009000000000000000f2f6c2f6e2d3030303030303030303000000001"
        "0000000900000001000000090000018bcfe568000000018bcfe56800000000000000000000000000100000"
        "a1b2c3000100000000000000000000000100000009");
  CHECK(encoded([&](auto& out) {
          encode_write(out, {11, opcode::sync, 0x100000009}, {}, created);
        }) == "000000160000000b000000010000000900000000000000022f61");
}

TEST_CASE("getData answers with data and Stat") {
  read_result result;
  result.data = blob{std::string_view{"x"}};
  result.stat = stat_of(0x100000002);
  result.stat.data_length = 1;
  CHECK(encoded([&](auto& out) {
          encode_read(out, {2, opcode::get_data, 0x100000002}, {}, result);
        }) ==
        "00000059000000020000000100000002000000000000000178000000010000000200000001000000020000"
        "018bcfe568000000018bcfe568000000000000000000000000000000000000000000000000010000000000"
        "00000100000002");
}

TEST_CASE("getChildren2 answers with names and Stat") {
  read_result result;
  result.names = {"n-0000000000"};
  result.stat = stat_of(0x100000008);
  result.stat.cversion = 1;
  result.stat.num_children = 1;
  result.stat.pzxid.value = 0x100000009;
  CHECK(encoded([&](auto& out) {
          encode_read(out, {7, opcode::get_children2, 0x100000009}, {}, result);
        }) ==
        "0000006800000007000000010000000900000000000000010000000c6e2d30303030303030303030000000"
        "010000000800000001000000080000018bcfe568000000018bcfe568000000000000000001000000000000"
        "00000000000000000000000000010000000100000009");
}

TEST_CASE("addWatch answers with an error record that says ok") {
  CHECK(encoded([](auto& out) {
          encode_read(out, {9, opcode::add_watch, 0x100000009}, {}, {});
        }) == "000000140000000900000001000000090000000000000000");
}

TEST_CASE("a multi that succeeds has one result for each operation") {
  const std::vector<write_result> results(2);
  CHECK(encoded([&](auto& out) {
          encode_write(out, {4, opcode::multi, 0x100000004}, {opcode::check, opcode::remove},
                       results);
        }) ==
        "0000002b000000040000000100000004000000000000000d0000000000000000020000000000ffffffff01"
        "ffffffff");
}

TEST_CASE("a multi that fails has an error result for each operation, and a header without") {
  const std::vector<write_result> results = {{error_code::ok, {}, {}},
                                             {error_code::no_node, {}, {}},
                                             {error_code::runtime_inconsistency, {}, {}}};
  CHECK(encoded([&](auto& out) {
          encode_write(out, {4, opcode::multi, 0x100000004},
                       {opcode::check, opcode::remove, opcode::create}, results);
        }) ==
        "0000004000000004000000010000000400000000ffffffff000000000000000000ffffffff00ffffff9bff"
        "ffff9bffffffff00fffffffefffffffeffffffff01ffffffff");
}

TEST_CASE("a notification carries the transaction, and -1 if setWatches made it up") {
  CHECK(encoded([](auto& out) {
          encode_event(out, event_kind::node_data_changed, "/a", zxid{0x100000003});
        }) == "0000001effffffff0000000100000003000000000000000300000003000000022f61");
  CHECK(encoded([](auto& out) {
          encode_event(out, event_kind::node_data_changed, "/a", zxid{});
        }) == "0000001effffffffffffffffffffffff000000000000000300000003000000022f61");
}

TEST_CASE("whoAmI names users without the secret part of their digest") {
  const auto who = std::make_shared<const std::vector<identity>>(
      std::vector<identity>{{"ip", "10.0.0.7"}, {"digest", "user:hash"}});
  std::string out;
  encode_who_am_i(out, {9, opcode::who_am_i, 1}, who);
  jute_reader in{std::string_view{out}.substr(20)};
  REQUIRE(in.count(8) == 2);
  CHECK(in.string() == "ip");
  CHECK(in.string() == "10.0.0.7");
  CHECK(in.string() == "digest");
  CHECK(in.string() == "user");
}

}  // namespace
}  // namespace troupe::zk
