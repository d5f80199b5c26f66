#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "actors/gateway/zookeeper/codec/requests.hpp"
#include "test/unit/zookeeper/hex.hpp"

namespace troupe::zk {
namespace {

using test::from_hex;

TEST_CASE("reading past the end fails for good, and reads as zero") {
  const auto bytes = from_hex("000000");
  jute_reader in{bytes};
  CHECK(in.int32() == 0);
  CHECK_FALSE(in.ok());
  CHECK_FALSE(in.boolean());
  CHECK(in.string().empty());
  CHECK(in.remaining() == 0);
}

TEST_CASE("null, empty and longer buffers are three things") {
  const auto bytes = from_hex("ffffffff000000000000000161");
  jute_reader in{bytes};
  CHECK_FALSE(in.buffer().has_value());
  CHECK(in.ok());
  CHECK(in.buffer() == std::string_view{});
  CHECK(in.buffer() == std::string_view{"a"});
  CHECK(in.ok());
}

TEST_CASE("a length beyond the bytes, or below -1, is a failure") {
  for (const auto* text : {"000000026100", "7fffffff61", "fffffffe61", "80000000"}) {
    const auto bytes = from_hex(text);
    jute_reader in{std::string_view{bytes}.substr(0, 5)};
    CHECK_FALSE(in.buffer().has_value());
    CHECK_FALSE(in.ok());
  }
}

TEST_CASE("a count is not believed before its elements can be there") {
  const auto most = from_hex("7fffffff") + std::string(64, '\0');
  jute_reader in{most};
  CHECK(in.count(4) == 0);
  CHECK_FALSE(in.ok());
  const auto fits = from_hex("00000010") + std::string(64, '\0');
  jute_reader exact{fits};
  CHECK(exact.count(4) == 16);
  const auto null_vector = from_hex("ffffffff");
  jute_reader null{null_vector};
  CHECK(null.count(4) == 0);
  CHECK(null.ok());
}

TEST_CASE("what the writer writes, the reader reads") {
  const bool held = rc::check([](std::int32_t a, std::int64_t b, bool c, const std::string& d) {
    std::string bytes;
    jute_writer out{bytes};
    out.int32(a);
    out.int64(b);
    out.boolean(c);
    out.buffer(d);
    jute_reader in{bytes};
    RC_ASSERT(in.int32() == a);
    RC_ASSERT(in.int64() == b);
    RC_ASSERT(in.boolean() == c);
    RC_ASSERT(in.string() == d);
    RC_ASSERT(in.ok());
    RC_ASSERT(in.remaining() == 0u);
  });
  CHECK(held);
}

TEST_CASE("no bytes make a request's decoder fail in any other way than by saying so") {
  const bool held = rc::check([](const std::string& bytes) {
    const auto number = *rc::gen::inRange<std::int32_t>(-12, 110);
    jute_reader in{bytes};
    const auto asked = decode_operation(static_cast<opcode>(number), in);
    // Every operation but closeSession has a record, so no bytes can be too few.
    RC_ASSERT(!asked.has_value() || !bytes.empty() || number == -11);
    decode_connect(bytes);
    jute_reader again{bytes};
    decode_auth(again);
  });
  CHECK(held);
}

std::string create_body(std::string_view path_hex, std::string_view acl_hex, std::int32_t flags) {
  std::string body = from_hex(path_hex) + from_hex("00000000") + from_hex(acl_hex);
  jute_writer{body}.int32(flags);
  return body;
}

std::optional<operation> decode_body(opcode op, const std::string& body) {
  jute_reader in{body};
  return decode_operation(op, in);
}

create_op created(opcode op, const std::string& body) {
  const auto asked = decode_body(op, body);
  REQUIRE(asked.has_value());
  return std::get<create_op>(std::get<write_op>(asked->op));
}

constexpr const char* path_a = "000000022f61";
constexpr const char* open_acl = "000000010000001f00000005776f726c6400000006616e796f6e65";

TEST_CASE("create modes") {
  struct row {
    opcode op;
    std::int32_t flags;
    node_kind kind;
    bool sequential;
  };
  for (const auto& one :
       std::vector<row>{{opcode::create, 0, node_kind::persistent, false},
                        {opcode::create, 1, node_kind::ephemeral, false},
                        {opcode::create2, 2, node_kind::persistent, true},
                        {opcode::create2, 3, node_kind::ephemeral, true},
                        {opcode::create, 4, node_kind::container, false},
                        {opcode::create, 5, node_kind::ttl, false},
                        {opcode::create_container, 0, node_kind::container, false},
                        {opcode::create_container, 3, node_kind::container, true}}) {
    const auto op = created(one.op, create_body(path_a, open_acl, one.flags));
    CAPTURE(static_cast<int>(one.op), one.flags);
    CHECK(op.path == "/a");
    CHECK(op.kind == one.kind);
    CHECK(op.sequential == one.sequential);
    CHECK(op.ttl_ms == -1);
  }
}

TEST_CASE("impossible create modes are refused like an impossible path") {
  CHECK(created(opcode::create, create_body(path_a, open_acl, 7)).path.empty());
  CHECK(created(opcode::create, create_body(path_a, open_acl, -1)).path.empty());
  CHECK(created(opcode::create_container, create_body(path_a, open_acl, 5)).path.empty());
  auto ttl = create_body(path_a, open_acl, 0);
  jute_writer{ttl}.int64(100);
  CHECK(created(opcode::create_ttl, ttl).path.empty());
}

TEST_CASE("createTTL carries its time") {
  auto body = create_body(path_a, open_acl, 6);
  jute_writer{body}.int64(100);
  const auto op = created(opcode::create_ttl, body);
  CHECK(op.kind == node_kind::ttl);
  CHECK(op.sequential);
  CHECK(op.ttl_ms == 100);
}

TEST_CASE("null paths do not decode, but for the operations that validate them") {
  const auto null_path = from_hex("ffffffff");
  CHECK_FALSE(decode_body(opcode::create, create_body("ffffffff", open_acl, 0)).has_value());
  CHECK_FALSE(decode_body(opcode::exists, null_path + from_hex("00")).has_value());
  CHECK_FALSE(decode_body(opcode::get_acl, null_path).has_value());
  CHECK(decode_body(opcode::set_data, null_path + from_hex("00000000ffffffff")).has_value());
  CHECK(decode_body(opcode::set_acl, null_path + from_hex("00000000ffffffff")).has_value());
  CHECK(decode_body(opcode::sync, null_path).has_value());
  CHECK(decode_body(opcode::get_ephemerals, null_path).has_value());
}

TEST_CASE("odd ACLs") {
  CHECK(created(opcode::create, create_body(path_a, "ffffffff", 0)).acl.empty());
  CHECK(created(opcode::create, create_body(path_a, "fffffff7", 0)).acl.empty());
  const auto* null_scheme = "000000010000001fffffffff0000000161";
  CHECK(created(opcode::create, create_body(path_a, null_scheme, 0)).acl.size() == 1);
  const auto* digest_without_id = "000000010000001f00000006646967657374ffffffff";
  CHECK_FALSE(decode_body(opcode::create, create_body(path_a, digest_without_id, 0)).has_value());
}

TEST_CASE("watch modes and selectors are checked") {
  const auto with = [](std::int32_t number) {
    auto body = from_hex(path_a);
    jute_writer{body}.int32(number);
    return body;
  };
  CHECK(decode_body(opcode::add_watch, with(0)).has_value());
  CHECK_FALSE(decode_body(opcode::add_watch, with(2)).has_value());
  for (const auto op : {opcode::check_watches, opcode::remove_watches}) {
    for (const int good : {1, 2, 3, 4, 5})
      CHECK(decode_body(op, with(good)).has_value());
    for (const int bad : {-1, 0, 6})
      CHECK_FALSE(decode_body(op, with(bad)).has_value());
  }
}

TEST_CASE("ZOOKEEPER-2623: a check outside a multi is no request, and so never logged") {
  CHECK_FALSE(is_known(opcode::check));
  CHECK_FALSE(decode_body(opcode::check, from_hex(path_a) + from_hex("00000000")).has_value());
}

TEST_CASE("a multi of another family, or without its end, does not decode") {
  const auto head = [](opcode type) {
    std::string bytes;
    jute_writer out{bytes};
    out.int32(static_cast<std::int32_t>(type));
    out.boolean(false);
    out.int32(-1);
    return bytes;
  };
  const auto end = from_hex("ffffffff01ffffffff");
  const auto get = head(opcode::get_data) + from_hex(path_a) + from_hex("00");
  const auto remove = head(opcode::remove) + from_hex(path_a) + from_hex("ffffffff");
  CHECK(decode_body(opcode::multi, remove + end).has_value());
  CHECK(decode_body(opcode::multi_read, get + end).has_value());
  CHECK(decode_body(opcode::multi, end).has_value());
  CHECK_FALSE(decode_body(opcode::multi, get + end).has_value());
  CHECK_FALSE(decode_body(opcode::multi_read, remove + end).has_value());
  CHECK_FALSE(decode_body(opcode::multi, remove).has_value());
  CHECK_FALSE(decode_body(opcode::multi, "").has_value());
  CHECK_FALSE(decode_body(opcode::multi, head(opcode::set_acl) + end).has_value());
}

}  // namespace
}  // namespace troupe::zk
