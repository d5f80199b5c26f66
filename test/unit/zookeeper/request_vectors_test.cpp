// The requests among the byte vectors of the protocol reference, section 17.
#include <catch2/catch.hpp>

#include "actors/gateway/zookeeper/codec/requests.hpp"
#include "test/unit/zookeeper/hex.hpp"

namespace troupe::zk {
namespace {

using test::from_hex;

constexpr std::size_t length_bytes = 4;

struct decoded {
  std::int32_t xid;
  opcode op;
  std::optional<operation> asked;
};

decoded decode(std::string_view hex) {
  const auto frame = from_hex(hex);
  jute_reader in{std::string_view{frame}.substr(length_bytes)};
  decoded result{in.int32(), static_cast<opcode>(in.int32()), std::nullopt};
  result.asked = decode_operation(result.op, in);
  CHECK(in.remaining() == 0);
  return result;
}

template <class Op>
const Op& write_of(const decoded& request) {
  REQUIRE(request.asked.has_value());
  return std::get<Op>(std::get<write_op>(request.asked->op));
}

template <class Op>
const Op& read_of(const decoded& request) {
  REQUIRE(request.asked.has_value());
  return std::get<Op>(std::get<read_op>(request.asked->op));
}

const acl open_acl = {{31, {"world", "anyone"}}};

TEST_CASE("the connect request decodes with and without the readOnly byte") {
  const auto with = from_hex(
      "000000000000000000000000000027100000000000000000000000100000000000000000000000000000000000");
  const auto request = decode_connect(with);
  REQUIRE(request.has_value());
  CHECK(request->timeout_ms == 10'000);
  CHECK(request->session == session_id{});
  CHECK(request->password == std::string(16, '\0'));
  CHECK(request->knows_read_only);
  const auto without = decode_connect(std::string_view{with}.substr(0, 44));
  REQUIRE(without.has_value());
  CHECK_FALSE(without->knows_read_only);
  CHECK_FALSE(decode_connect(std::string_view{with}.substr(0, 43)).has_value());
}

TEST_CASE("a null password is empty, one of another negative length does not decode") {
  const auto head = from_hex("00000000ffffffffffffffff000027100000000000000000");
  const auto null_password = decode_connect(head + from_hex("ffffffff00"));
  REQUIRE(null_password.has_value());
  CHECK(null_password->password.empty());
  CHECK(null_password->last_zxid_seen == -1);
  CHECK_FALSE(decode_connect(head + from_hex("fffffff900")).has_value());
}

TEST_CASE("create decodes") {
  const auto request = decode(
      "000000320000000100000001000000022f610000000178000000010000001f00000005776f726c64000000"
      "06616e796f6e6500000000");
  const auto& op = write_of<create_op>(request);
  CHECK(request.xid == 1);
  CHECK(op.path == "/a");
  CHECK(op.data == blob{std::string_view{"x"}});
  CHECK(op.acl == open_acl);
  CHECK(op.kind == node_kind::persistent);
  CHECK_FALSE(op.sequential);
}

TEST_CASE("create2 of an ephemeral sequential node decodes") {
  const auto request = decode(
      "00000034000000060000000f000000052f6c2f6e2d00000000000000010000001f00000005776f726c6400"
      "000006616e796f6e6500000003");
  const auto& op = write_of<create_op>(request);
  CHECK(request.op == opcode::create2);
  CHECK(op.path == "/l/n-");
  CHECK_FALSE(op.data.is_null());
  CHECK(op.data.size() == 0);
  CHECK(op.kind == node_kind::ephemeral);
  CHECK(op.sequential);
}

TEST_CASE("reads with a watch decode") {
  const auto get = decode("0000000f0000000200000004000000022f6101");
  CHECK(read_of<get_data_op>(get).path == "/a");
  CHECK(read_of<get_data_op>(get).watch);
  const auto children = decode("0000000f000000070000000c000000022f6c00");
  CHECK(read_of<get_children_op>(children).path == "/l");
  CHECK_FALSE(read_of<get_children_op>(children).watch);
  const auto exists = decode("0000000f0000000800000003000000022f7801");
  CHECK(read_of<exists_op>(exists).watch);
}

TEST_CASE("set_data keeps null data apart from empty data") {
  const auto request = decode("000000160000000a00000005000000022f61ffffffff00000000");
  CHECK(write_of<set_data_op>(request).data.is_null());
  CHECK(write_of<set_data_op>(request).version == 0);
}

TEST_CASE("delete, sync and closeSession decode") {
  CHECK(write_of<delete_op>(decode("000000120000000c00000002000000022f61ffffffff")).version ==
        any_version);
  CHECK(write_of<sync_op>(decode("0000000e0000000b00000009000000022f61")).path == "/a");
  CHECK(write_of<close_session_op>(decode("0000000800000005fffffff5")).cause ==
        close_cause::client);
}

TEST_CASE("setWatches and addWatch decode") {
  const auto watches = decode(
      "00000028fffffff800000065000000010000000900000001000000022f6100000001000000022f78000000"
      "00");
  const auto& op = read_of<set_watches_op>(watches);
  CHECK(watches.xid == -8);
  CHECK(op.relative == zxid{0x100000009});
  CHECK(op.data == std::vector<std::string>{"/a"});
  CHECK(op.exist == std::vector<std::string>{"/x"});
  CHECK(op.child.empty());
  const auto add = decode("00000012000000090000006a000000022f7200000001");
  CHECK(read_of<add_watch_op>(add).mode == watch_mode::persistent_recursive);
}

TEST_CASE("multi decodes") {
  const auto request = decode(
      "00000037000000040000000e0000000d00ffffffff000000022f61000000000000000200ffffffff000000"
      "022f61ffffffffffffffff01ffffffff");
  const auto& op = write_of<multi_op>(request);
  REQUIRE(op.items.size() == 2);
  CHECK(std::get<check_op>(op.items[0]).version == 0);
  CHECK(std::get<delete_op>(op.items[1]).path == "/a");
  CHECK(request.asked->items == result_types{opcode::check, opcode::remove});
}

TEST_CASE("auth decodes") {
  const auto frame =
      from_hex("00000023fffffffc00000064000000000000000664696765737400000009757365723a70617373");
  jute_reader in{std::string_view{frame}.substr(12)};
  const auto request = decode_auth(in);
  REQUIRE(request.has_value());
  CHECK(request->scheme == "digest");
  CHECK(request->data == "user:pass");
}

}  // namespace
}  // namespace troupe::zk
